"""JSON in a text: its strings, where they stand, and which have a secret name."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from .contexts import crumbs
from .names import Secrecy, holds_secret, kind_of, secrecy
from .spans import Span

RULE = "named-value"
INHERITING = frozenset({"value", "values", "data", "plain", "text", "current", "new", "old"})
"""Keys that say nothing themselves: their values go by the name above them."""
_NAMING = frozenset({"name", "key", "Name", "Key"})
_PAIRED = ("value", "Value", "content", "default")
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.", re.DOTALL)
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\],:]', re.DOTALL)


class Literal(NamedTuple):
    """A string in a JSON text."""

    name: str
    """What it stands under; empty for a key, and where nothing names it."""
    start: int
    """Of what stands between its quotes."""
    end: int


def literals(text: str) -> list[Literal] | None:
    """Every string of a text that is a JSON object or array; None when it is none."""
    if text.lstrip()[:1] not in ("{", "[") or '"' not in text:
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return list(_strings(text))


def unescaped(raw: str) -> str:
    """What a string says, given what stands between its quotes."""
    return str(json.loads(f'"{raw}"', strict=False)) if "\\" in raw else raw


def raw_places(raw: str, places: Iterable[int]) -> list[int]:
    """Where characters of the unescaped string stand between the quotes."""
    ends = [found.span() for found in _ESCAPE.finditer(raw)]
    shifts = list(accumulate((end - start - 1 for start, end in ends), initial=0))
    said = [start - shift for (start, _), shift in zip(ends, shifts, strict=False)]
    return [place + shifts[bisect_left(said, place)] for place in places]


def whole(value: str, name: str, offset: int = 0) -> Iterator[Span]:
    """The secret that a value is, or holds, by its name."""
    if secrecy(name) is Secrecy.COOKIE:
        yield from crumbs(value, offset)
        return
    start = len(value) - len(value.split(" ", 1)[-1]) if _has_scheme(value) else 0
    if holds_secret(name, value[start:]):
        yield Span(offset + start, offset + len(value), RULE, kind_of(name))


def _has_scheme(value: str) -> bool:
    return value[:7].lower().startswith(("bearer ", "basic ", "token "))


def inherited(name: str, above: str) -> str:
    """The name that a value goes by, given its key and the name above."""
    return above if name in INHERITING and secrecy(above) else name


def named_by_pair(value: dict[str, Any]) -> tuple[str, str] | None:
    """Key and name of the value in `{"name": "api_key", "value": "x"}`."""
    if _NAMING.isdisjoint(value):
        return None
    name = next((value[key] for key in ("name", "key", "Name", "Key") if key in value), None)
    key = next((key for key in _PAIRED if isinstance(value.get(key), str)), None)
    return (key, name) if key and isinstance(name, str) and secrecy(name) else None


@dataclass(slots=True)
class _Open:
    """An object or array being read."""

    is_object: bool
    above: str
    name: str = ""
    paired: str = ""
    """What a `name` within said, for the `value` that follows."""


def _strings(text: str) -> Iterator[Literal]:
    """The text is known to be JSON."""
    opened: list[_Open] = []
    is_key = False
    for token in _TOKEN.finditer(text):
        match token.group()[0]:
            case "{" | "[" as bracket:
                above = opened[-1].name if opened else ""
                opened.append(_Open(bracket == "{", above, above if bracket == "[" else ""))
                is_key = bracket == "{"
            case "}" | "]":
                opened.pop()
            case ",":
                is_key = opened[-1].is_object
            case ":":
                is_key = False
            case _ if is_key:
                opened[-1].name = inherited(token[1], opened[-1].above)
                yield Literal("", *token.span(1))
            case _:
                yield Literal(_name(opened[-1], token[1]), *token.span(1))


def _name(parent: _Open, said: str) -> str:
    if parent.is_object and parent.name in ("name", "key", "Name", "Key"):
        parent.paired = said
    elif parent.is_object and parent.name in _PAIRED and secrecy(parent.paired):
        return parent.paired
    return parent.name
