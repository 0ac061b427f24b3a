"""Where things stand in a JSON text: a slow, patient reader, used only once something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

DEEPEST = 200
"""Levels of nesting that a golden may have."""

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_WORDS = re.compile(r"-?\w+")
_MOST_DIGITS = 4300
"""Python refuses to read longer integers."""


class Problem(ValueError):
    """What is wrong, and at which character."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(slots=True)
class _Open:
    """An object or array being read."""

    closing: str
    keys: set[str] = field(default_factory=set)
    count: int = 0
    key: str | int = 0


def first_problem(text: str) -> tuple[str, int]:
    """Why a text is not strict JSON, and where."""
    try:
        for _ in walk(text):
            pass
    except Problem as problem:
        return problem.message, problem.position
    return "not readable as JSON", 0


def locate(text: str, place: tuple[Any, ...]) -> int:
    """Position of the member at a place, or of the nearest parent that is there."""
    best, found = 0, -1
    for here, position in walk(text):
        if len(here) > found and here == place[: len(here)]:
            best, found = position, len(here)
        if found == len(place):
            break
    return best


def walk(text: str) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Every value's place and position (that of its key, in an object). Raises Problem."""
    opened: list[_Open] = []
    position = _skip(text, 0)
    started = position
    while True:
        yield tuple(parent.key for parent in opened), started
        position = _enter(text, position, opened)
        position = _leave(text, position, opened)
        if not opened:
            break
        started = position
        position = _next_member(text, position, opened[-1])
    if position < len(text):
        raise Problem("something follows the end of the document", position)


def _enter(text: str, position: int, opened: list[_Open]) -> int:
    """Read a scalar, or open a container (closed by `_leave` when it is empty)."""
    char = text[position : position + 1]
    if char in ("{", "["):
        if len(opened) >= DEEPEST:
            raise Problem(f"nested deeper than {DEEPEST} levels", position)
        opened.append(_Open("}" if char == "{" else "]"))
        return _skip(text, position + 1)
    end = _string(text, position)[1] if char == '"' else _scalar(text, position)
    return _skip(text, end)


def _leave(text: str, position: int, opened: list[_Open]) -> int:
    """Close what ends here, up to the next member."""
    while opened:
        parent = opened[-1]
        char = text[position : position + 1]
        if char == parent.closing:
            opened.pop()
            position = _skip(text, position + 1)
            continue
        if parent.count == 0:
            return position
        if char != ",":
            raise Problem(_expected(text, position, f"`,` or `{parent.closing}`"), position)
        return _skip(text, position + 1)
    return position


def _next_member(text: str, position: int, parent: _Open) -> int:
    """Position of the next value in a container; its key is noted."""
    if parent.closing == "]":
        parent.key = parent.count
        parent.count += 1
        return position
    if text[position : position + 1] != '"':
        raise Problem(_expected(text, position, "a key in double quotes"), position)
    key, end = _string(text, position)
    if key in parent.keys:
        raise Problem(f"key {json.dumps(key)} appears twice in one object", position)
    parent.keys.add(key)
    parent.key = key
    parent.count += 1
    colon = _skip(text, end)
    if text[colon : colon + 1] != ":":
        raise Problem(_expected(text, colon, "`:`"), colon)
    return _skip(text, colon + 1)


def _string(text: str, position: int) -> tuple[str, int]:
    try:
        value, end = scanstring(text, position + 1)
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated")
        message = "the file ends inside a string" if cut else error.msg.lower()
        raise Problem(message, error.pos) from None
    return str(value), int(end)


def _scalar(text: str, position: int) -> int:
    match = _SCALAR.match(text, position)
    word = _WORDS.match(text, position)
    if match is None or (word and word.end() > match.end()):
        raise Problem(_expected(text, position, "a value"), position)
    if len(match.group()) > _MOST_DIGITS:
        raise Problem("a number with too many digits", position)
    return match.end()


def _expected(text: str, position: int, what: str) -> str:
    if position >= len(text):
        return "the file ends in the middle of the document: it was cut off"
    found = _WORDS.match(text, position)
    shown = found.group()[:20] if found else text[position]
    return f"{shown} stands where {what} should"


def _skip(text: str, position: int) -> int:
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches anything
