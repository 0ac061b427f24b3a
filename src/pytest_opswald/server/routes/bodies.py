"""Request bodies: strict JSON of one document.

Read here and not by FastAPI, which parses leniently, twice as long, and lets pass what no database
keeps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from pytest_opswald.api.base import Body
from pytest_opswald.server.problems import invalid, unreadable

Document = TypeVar("Document", bound=Body)
Result = TypeVar("Result")
_SHORT = 2**15
"""Bytes whose work is done within about a millisecond."""
_EXPONENT = re.compile(rb"[eE]\+?\d{3}")
_DIGITS, _LONG = bytes.maketrans(b"123456789", b"0" * 9), b"0" * 309
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class JsonBody(Generic[Document]):
    """A dependency that reads the document; `openapi.takes` describes it."""

    def __init__(self, document: type[Document], *, optional: bool = False) -> None:
        self.document = document
        self.optional = optional

    async def __call__(self, request: Request) -> Document:
        content = await request.body()
        if self.optional and not content:
            content = b"{}"
        if len(content) < _SHORT:
            return read(self.document, content)
        return await run_in_threadpool(read, self.document, content)


def read(document: type[Document], content: bytes) -> Document:
    """Raises ApiProblem naming the first field that is wrong."""
    _check(content)
    try:
        return document.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise unreadable(error.errors(include_url=False, include_input=False)) from None


async def worked_up(request: Request, work: Callable[..., Result], *arguments: Any) -> Result:
    """What `work` makes of a body; others are served meanwhile when that is long."""
    if int(request.headers["content-length"]) < _SHORT:
        return work(*arguments)
    return await run_in_threadpool(work, *arguments)


def _check(content: bytes) -> None:
    """Refuse what pydantic lets pass where anything may stand."""
    if b"\\u0000" in content and _NUL.search(content):
        raise invalid("A text holds NUL", field="body", expected="texts without \\u0000")
    if b"NaN" in content or b"Infinity" in content:
        try:
            from_json(content, allow_inf_nan=False)
        except ValueError as error:
            raise invalid(f"Invalid JSON: {error}", field="body", expected="JSON") from None
    if _may_be_infinite(content) and inf in _numbers(content):
        expected = "numbers of at most 1.8e308"
        raise invalid("A number is too large", field="body", expected=expected)


def _may_be_infinite(content: bytes) -> bool:
    """Whether it may hold a number without end, of which pydantic would make null; it rarely does."""
    return bool(_EXPONENT.search(content)) or _LONG in content.translate(_DIGITS)


def _numbers(content: bytes) -> set[float]:
    """The sizes of all numbers with a point or an exponent."""
    found: set[float] = set()

    def noted(text: str) -> float:
        found.add(abs(float(text)))
        return 0.0

    with suppress(ValueError):  # no JSON is told of elsewhere
        json.loads(content, parse_float=noted, parse_int=str)
    return found
