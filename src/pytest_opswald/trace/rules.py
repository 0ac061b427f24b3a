"""What the rules of an expected outcome have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from .document import Document

SHORT, LONG = "‹short›", "‹long›"


def form(value: Any) -> str:
    """Which of its two forms a value is written in."""
    return LONG if isinstance(value, Mapping | list | tuple | Document) else SHORT


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number, not {value!r}")
    if not 0 <= value < float("inf"):
        raise ValueError(f"must be a finite number from 0, not {value!r}")
    return value


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[
    Annotated[Text, Tag(SHORT)] | Annotated[tuple[Text, ...], Field(min_length=1), Tag(LONG)],
    Discriminator(form),
]
Number = Annotated[int | float, BeforeValidator(_number)]


class Rule(Document):
    """A part of the expectations; written back as it was read."""

    may_be_empty: ClassVar[bool] = False

    @model_serializer(mode="wrap")
    def _as_written(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = serialise(self)
        return {key: value for key, value in written.items() if key in self.model_fields_set}

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.model_fields_set and not self.may_be_empty:
            raise ValueError(f"says nothing; give it one of {', '.join(type(self).model_fields)}")
        return self
