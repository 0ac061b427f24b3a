"""Secrets that tell by their own look, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .spans import Span
from .vendors import MARKS, SHAPES, Shape

_LEAST_DISTINCT = 3
"""`xxxxxxxx` is nobody's key."""
_SHORTEST = 15
"""Characters of the shortest secret that any shape takes."""
_SIGNS = ("_", ".", "-", "/", "$", "")
"""Most beginnings hold one of these, and many texts do not."""

_BY_SIGN: dict[str, list[tuple[str, Shape]]] = {sign: [] for sign in _SIGNS}
for _shape in SHAPES:
    for _begins in _shape.begins:
        _BY_SIGN[next(sign for sign in _SIGNS if sign in _begins)].append((_begins, _shape))

# Compiled when a text first asks for it: all of them at once would cost every start.
_pattern = lru_cache(maxsize=None)(re.compile)


def shaped(text: str) -> Iterator[Span]:
    """Every secret that tells by its look; a cheap look first, for most words are short."""
    if max(map(len, text.split()), default=0) < _SHORTEST:
        return
    for sign, beginnings in _BY_SIGN.items():
        if sign in text:
            for beginning, shape in beginnings:
                if beginning in text:
                    yield from _beginning(text, beginning, shape)
    for mark in MARKS:
        if mark.mark in text:
            for found in _pattern(mark.whole).finditer(text):
                yield Span(found.start(), found.end(), mark.id, mark.id)


def _beginning(text: str, beginning: str, shape: Shape) -> Iterator[Span]:
    body = _pattern(shape.body)
    at = text.find(beginning)
    while at >= 0:
        end = at + len(beginning)
        found = body.match(text, end) if _starts_here(text, at, shape.strict) else None
        if found and len(set(found.group())) >= _LEAST_DISTINCT:
            yield Span(at, found.end(), shape.id, shape.id)
        at = text.find(beginning, found.end() if found else end)


_ESCAPE_BEFORE = re.compile(r"\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\x1b\[[\d;]{1,8}m")
"""Ends in a letter or a digit, and yet is nothing of the word that follows."""


def _starts_here(text: str, at: int, strict: bool) -> bool:
    """Whether a word begins at this place."""
    before = text[at - 1 : at]
    if not before or not (before.isalnum() or (strict and before in "-_")):
        return True
    near = text[max(0, at - 12) : at]
    return any(found.end() == len(near) for found in _ESCAPE_BEFORE.finditer(near))
