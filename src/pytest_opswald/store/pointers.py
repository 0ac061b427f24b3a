"""Places inside a JSON document as text: `http.body.choices[0].message.content`.

A key that is no plain word stands quoted in brackets, `headers["a.b"]`; `events[3..40].data.text`
is the joined text of that leaf over those events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

Place = tuple[str | int | range, ...]
"""Keys, indexes, and at most one range of indexes."""

_LONGEST = 80
"""Characters of a pointer that a message shows."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PART = re.compile(
    r"""(?:^|\.)(?P<word>[A-Za-z_][A-Za-z0-9_-]*)
    | \[(?P<first>\d+)\.\.(?P<last>\d+)\]
    | \[(?P<index>\d+)\]
    | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]""",
    re.VERBOSE | re.DOTALL,
)


def spell(place: Iterable[str | int | range]) -> str:
    """A place as text."""
    text = "".join(_part(part) for part in place)
    return text.removeprefix(".")


def _part(part: str | int | range) -> str:
    match part:
        case int():
            return f"[{part}]"
        case range():
            return f"[{part.start}..{part.stop - 1}]"
    return f".{part}" if _WORD.fullmatch(part) else f"[{json.dumps(part)}]"


def shorten(text: str) -> str:
    """A damaged pointer may be as long as its file."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@lru_cache(maxsize=4096)
def parse(text: str) -> Place:
    """The place that a text names. Raises ValueError."""
    parts: list[str | int | range] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"{shorten(text)} names no place")
        parts.append(_read_part(match))
        position = match.end()
    return tuple(parts)


def _read_part(match: re.Match[str]) -> str | int | range:
    match match.lastgroup:
        case "word":
            return match["word"]
        case "quoted":
            return str(json.loads(match["quoted"]))
        case "last":
            return range(int(match["first"]), int(match["last"]) + 1)
    return int(match["index"])


def look_up(document: Any, place: Place) -> Any:
    """The value at a place, joined over its range. Raises LookupError or TypeError."""
    for depth, part in enumerate(place):
        if isinstance(part, range):
            rest = place[depth + 1 :]
            return "".join(leaf for i in part if (leaf := _leaf(document[i], rest)))
        document = document[part]
    return document


def _leaf(document: Any, place: Place) -> str:
    """Text at a place; empty when there is none, as in a keep-alive between two deltas."""
    try:
        value = look_up(document, place)
    except (LookupError, TypeError):
        return ""
    return value if isinstance(value, str) else ""
