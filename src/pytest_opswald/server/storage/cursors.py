"""Where a list goes on: the last key of a page and the filters, as opaque text.

Nothing in a cursor is trusted: it is checked like the query it stands for.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from pytest_opswald.api.pages import Paging
from pytest_opswald.server.problems import ApiProblem, invalid

_PREFIX = "cursor_"
_VERSION = 1
Filters = TypeVar("Filters", bound=Paging)
_PAGING = set(Paging.model_fields)
Key = tuple[int, str]
"""Of the last item: its time in microseconds, its id."""


@dataclass(frozen=True, slots=True)
class Window(Generic[Filters]):
    """Which part of a list is asked for."""

    filters: Filters
    limit: int
    offset: int
    after: Key | None

    def cursor(self, after: Key) -> str:
        """What asks for the items behind that one."""
        said = {"v": _VERSION, "k": after, "f": _said(self.filters)}
        return _PREFIX + urlsafe_b64encode(to_json(said)).decode().rstrip("=")


def window(query: Filters) -> Window[Filters]:
    """Raises ApiProblem when the cursor is none, or contradicts the query."""
    if query.cursor is None:
        return Window(query, query.limit, query.offset, None)
    if "offset" in query.model_fields_set:
        raise invalid("Give a cursor or an offset", field="offset", expected="none beside a cursor")
    after, kept = _read(query.cursor, type(query))
    if not _said(query).items() <= _said(kept).items():
        raise _wrong("the filters it was made with, or none")
    return Window(kept, query.limit, 0, after)


def _read(cursor: str, filters: type[Filters]) -> tuple[Key, Filters]:
    try:
        encoded = cursor.removeprefix(_PREFIX)
        said = from_json(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        at, identifier = said["k"]
        if said["v"] != _VERSION or not _is_key(at, identifier):
            raise ValueError
        return (at, identifier), filters.model_validate(said["f"])
    except (ValueError, TypeError, KeyError, ValidationError):
        raise _wrong("next_cursor of an earlier page") from None


def _is_key(at: object, identifier: object) -> bool:
    if not isinstance(at, int) or not -(2**63) <= at < 2**63:
        return False
    return isinstance(identifier, str) and "\0" not in identifier


def _said(filters: Paging) -> dict[str, Any]:
    return filters.model_dump(mode="json", exclude_none=True, exclude=_PAGING)


def _wrong(expected: str) -> ApiProblem:
    return invalid("Invalid cursor", field="cursor", expected=expected)
