"""What all documents of the API have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
)
from pydantic_core import to_json

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = TypeAdapter(datetime)


class Body(BaseModel):
    """What a client sends: keys nobody knows are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Query(Body):
    """What a client asks for, in the query of a URL."""


class Answer(BaseModel):
    """What a server answers: a client tolerates keys of a later server."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", use_attribute_docstrings=True, allow_inf_nan=False
    )


def is_none(value: object) -> bool:
    """For `exclude_if`: keys that are left out of an answer rather than null."""
    return value is None


def _utc(moment: datetime) -> datetime:
    if not 1 < moment.year < 9900:  # where time zones and durations leave the calendar
        raise ValueError("a time between the years 2 and 9899")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _dated(said: object) -> object:
    if not isinstance(said, str):
        return said
    if not _DATE.match(said):  # pydantic takes `0.5` for seconds since 1970
        raise ValueError("a time as in 2026-03-17T14:15:32Z")
    return _DATETIME.validate_python(said)


Time = Annotated[datetime, BeforeValidator(_dated), AfterValidator(_utc)]
"""RFC 3339; without an offset it is UTC."""
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,255}$")]
"""1-255 printable characters: ids that a client chooses, names, tags."""
MOST_TAGS = 100
Tags = Annotated[Sequence[Name], Field(max_length=MOST_TAGS), AfterValidator(tuple)]
Usd = Annotated[float, Field(ge=0, le=1e8)]
Milliseconds = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Metadata = dict[str, Any]
KIB = 2**10


def within(most: int) -> AfterValidator:
    """For what lists repeat: at most so many bytes as JSON."""

    def check(said: Any) -> Any:
        if len(to_json(said)) > most:
            raise ValueError(f"at most {most // KIB} KiB as JSON")
        return said

    return AfterValidator(check)


def _flag(said: object) -> object:
    return (
        {"true": True, "1": True, "false": False, "0": False}.get(said, said)
        if isinstance(said, str)
        else said
    )


Flag = Annotated[bool, BeforeValidator(_flag), Strict()]
"""In a query: true, false, 1 or 0, and nothing else that could be meant."""


class TokenCount(Answer):
    """Tokens of one LLM call or a whole trace."""

    input: Count = 0
    output: Count = 0
