"""Runs of alike events: one template, and what moves in it.

Token by token, a stream says the same envelope a hundred times. Consecutive events of one
structure become a run; of every leaf that moves there is one column:

    {"text": "Hello there", "cuts": "335"}      texts, joined, with the length of each: one
                                                base-36 digit, or digits in parentheses
    {"from": 4, "by": 1}                        integers at equal distances
    {"each": [0.5, null, "a"]}                  anything else
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from .patches import Draft, same
from .pointers import Place

SHORTEST = 3
"""Events from which a run is shorter than the events themselves."""
_IDENTIFIER = 16
"""Texts of this length that stood still and then move are names: what follows is a new run."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CUT = re.compile(r"\((\d{1,18})\)|([0-9a-z])")


@dataclass(slots=True)
class Run:
    """Consecutive events of one structure."""

    first: int
    """Index of its first event."""
    places: tuple[Place, ...]
    """Of all leaves, in order; empty objects and arrays are leaves too."""
    rows: list[list[Any]]
    """Values of those leaves, by event."""
    moving: set[int] = field(default_factory=set)
    """Columns that do not stand still."""

    def columns(self) -> dict[Place, list[Any]]:
        """What moves, by place."""
        return {self.places[i]: [row[i] for row in self.rows] for i in sorted(self.moving)}

    def takes(self, places: tuple[Place, ...], row: list[Any]) -> bool:
        """Add the event when it belongs to the run."""
        if places != self.places:
            return False
        last = self.rows[-1]
        starts = {
            i for i, value in enumerate(row) if i not in self.moving and not same(last[i], value)
        }
        if not all(self._may_start(last[i], row[i]) for i in starts):
            return False
        self.moving |= starts
        self.rows.append(row)
        return True

    def _may_start(self, before: Any, value: Any) -> bool:
        if isinstance(before, dict | list) or isinstance(value, dict | list):
            return False
        if len(self.rows) == 1:
            return True
        both_texts = isinstance(before, str) and isinstance(value, str)
        return both_texts and max(len(before), len(value)) < _IDENTIFIER


def runs(events: Sequence[Any]) -> Iterator[Run]:
    """All events in order, as runs; a lone event is a run of one without moving parts."""
    current: Run | None = None
    for index, event in enumerate(events):
        found = list(leaves(event))
        places = tuple(place for place, _ in found)
        row = [value for _, value in found]
        if current and current.takes(places, row):
            continue
        if current:
            yield from _worthwhile(current)
        current = Run(index, places, [row])
    if current:
        yield from _worthwhile(current)


def _worthwhile(run: Run) -> Iterator[Run]:
    if len(run.rows) >= SHORTEST:
        yield run
        return
    for offset, row in enumerate(run.rows):
        yield Run(run.first + offset, run.places, [row])


def leaves(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value that holds no other, with its place."""
    if value and isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*at, key))
    elif value and isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*at, index))
    else:
        yield at, value


def pack(column: list[Any]) -> dict[str, Any]:
    """The shortest telling of a column."""
    if all(isinstance(value, str) for value in column):
        joined = "".join(column)
        # Halves of a surrogate pair in two deltas would become one character when read back.
        if not any("\ud800" <= char <= "\udfff" for char in joined):
            return {"text": joined, "cuts": "".join(map(_cut_of, column))}
    elif all(type(value) is int for value in column):
        steps = {after - before for before, after in pairwise(column)}
        if len(steps) == 1:
            return {"from": column[0], "by": steps.pop()}
    return {"each": column}


def unpack(column: dict[str, Any], count: int) -> list[Any]:
    """The values of a column. Raises ValueError when they do not make `count`."""
    match column:
        case {"text": str(text), "cuts": str(cuts), **rest} if not rest:
            values: list[Any] = _cut(text, cuts)
        case {"from": int(start), "by": int(step), **rest} if not rest:
            values = [start + step * index for index in range(count)]
        case {"each": list(values), **rest} if not rest:
            pass
        case _:
            raise ValueError("a column of a run has `text` and `cuts`, `from` and `by`, or `each`")
    if len(values) != count:
        raise ValueError(f"a column has {len(values)} values in a run of {count}")
    return values


def _cut_of(text: str) -> str:
    return _DIGITS[len(text)] if len(text) < len(_DIGITS) else f"({len(text)})"


def _cut(text: str, cuts: str) -> list[str]:
    lengths = [int(long) if long else int(digit, 36) for long, digit in _CUT.findall(cuts)]
    ends = list(accumulate(lengths, initial=0))
    if ends[-1] != len(text):
        raise ValueError(f"`cuts` add up to {ends[-1]}, but the text has {len(text)} characters")
    return [text[start:end] for start, end in pairwise(ends)]


def unrolled(template: Any, columns: dict[Place, list[Any]], count: int) -> Iterator[Any]:
    """The events of a run."""
    for index in range(count):
        draft = Draft(template)
        for place, values in columns.items():
            draft.put(place, values[index])
        yield draft.document
