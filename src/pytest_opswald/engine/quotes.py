"""Answers found again in what was told later."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from pytest_opswald.trace.structural import scalars
from pytest_opswald.trace.volatile import canonical

_LEAST_LETTERS = 3
"""Of a text that can be told apart within another."""
_WORD = re.compile(r"\w+")

Place = tuple[int, int]
"""Which of the texts, and where in it."""
Span = tuple[Place, Place]


def forms(value: Any) -> list[str]:
    """How a value may be written in a text."""
    if isinstance(value, str):
        return [value]
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return [json.dumps(value), json.dumps(value, ensure_ascii=False), compact, repr(value)]


def parsed(value: Any) -> Any:
    """What a text of JSON says; everything else as it is."""
    if isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
    return value


def own_texts(values: Sequence[Any]) -> list[list[str]]:
    """The texts in each value that are in none of the others."""
    counted = Counter(text for value in values for text in set(_texts(value)))
    return [[text for text in _texts(value) if counted[text] == 1] for value in values]


def joined(value: Any) -> str:
    """All texts in a value."""
    return "\n".join(_texts(value))


def places_in(said: Sequence[str], marks: Sequence[Sequence[str]]) -> Sequence[Place] | None:
    """Where each is quoted first, by any of its marks.

    None unless all of them are quoted and no two lie across each other. What is marked alike is
    quoted as often as it is there: which of them was meant makes no difference.
    """
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        alike[tuple(mark)].append(place)
    spans: dict[int, Span] = {}
    for mark, members in alike.items():
        spans |= zip(members, _spans(said, mark, len(members)), strict=False)
    in_order = sorted(spans.values())
    if len(spans) < len(marks) or any(a[1] >= b[0] for a, b in pairwise(in_order)):
        return None
    return [spans[place][0] for place in range(len(marks))]


def telling_words(values: Sequence[Any]) -> set[str]:
    """Words that are in some of the values and not in all."""
    each = [words(canonical(value)) for value in values]
    return set[str]().union(*each) - each[0].intersection(*each[1:])


def words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _spans(said: Sequence[str], mark: Iterable[str], times: int) -> list[Span]:
    """Where in the first text that has any of it, from its first to its last place there.

    One span for each of the `times` that it is to be found, none if that is another number.
    """
    told = {form for form in mark if len(form) >= _LEAST_LETTERS}
    text = next((i for i, each in enumerate(said) if any(form in each for form in told)), None)
    if text is None:
        return []
    found = sorted({(text, start) for form in told for start in _starts(form, said[text])})
    if times == 1:
        return [(found[0], found[-1])]
    return [(place, place) for place in found] if len(found) == times else []


def _starts(form: str, text: str) -> Iterator[int]:
    start = text.find(form)
    while start >= 0:
        yield start
        start = text.find(form, start + len(form))


def _texts(value: Any) -> Iterator[str]:
    return (str(leaf) for leaf in scalars(value) if isinstance(leaf, str | int | float))
