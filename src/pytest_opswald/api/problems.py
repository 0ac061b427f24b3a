"""Errors as the API answers them: `{"error": {"type", "message", "details"?}}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from .base import Answer, is_none

ErrorType = Literal[
    "authentication_error",
    "authorization_error",
    "validation_error",
    "not_found",
    "rate_limit_exceeded",
    "server_error",
]
STATUS: dict[ErrorType, int] = {
    "authentication_error": 401,
    "authorization_error": 403,
    "validation_error": 400,
    "not_found": 404,
    "rate_limit_exceeded": 429,
    "server_error": 500,
}
"""HTTP status of each type; wrong methods (405), bodies too large (413) and content types nobody
reads (415) are validation errors, too."""


_ONE_OF = re.compile(r"constrained-\w+|\w+\[.+\]")
"""How pydantic names a type where several are possible."""


def field_of(place: Iterable[str | int]) -> str:
    """A place in a document, as pydantic tells it, in the words of the document."""
    return ".".join(part for part in map(str, place) if not _ONE_OF.fullmatch(part))


class Problem(Answer):
    type: ErrorType
    message: str
    details: dict[str, Any] | None = Field(None, exclude_if=is_none)
    """`{field, expected}` of a validation error, `{request_id}` of a server error."""


class ProblemBody(Answer):
    error: Problem
