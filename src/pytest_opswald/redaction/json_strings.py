"""JSON in a text: which of its strings stand under a secret name, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .contexts import crumbs
from .names import Secrecy, holds_secret, kind_of, secrecy
from .spans import Span

RULE = "named-value"
INHERITING = frozenset({"value", "values", "data", "plain", "text", "current", "new", "old"})
"""Keys that say nothing themselves: their values go by the name above them."""
_PAIRED = ("value", "Value", "content", "default")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\],:]', re.DOTALL)


def keyed(text: str) -> Iterator[Span]:
    """Secrets under secret names, when the whole text is a JSON object or array."""
    if text.lstrip()[:1] not in ("{", "[") or '"' not in text:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return
    for name, start, end in _strings(text):
        yield from whole(text[start:end], name, start)


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


def _strings(text: str) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of every string that is a value; the text is known to be JSON."""
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
            case _:
                yield _name(opened[-1], token[1]), token.start(1), token.end(1)


def _name(parent: _Open, said: str) -> str:
    if parent.is_object and parent.name in ("name", "key", "Name", "Key"):
        parent.paired = said
    elif parent.is_object and parent.name in _PAIRED and secrecy(parent.paired):
        return parent.paired
    return parent.name
