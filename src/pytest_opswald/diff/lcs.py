"""Longest common subsequence, exact, with Python's big integers as bit vectors.

5,000 by 5,000 items take milliseconds. Time is quadratic with a factor of about 1/64 (one
machine word holds 64 cells of the table), memory is bounded by halving what is too large.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Sequence

_TABLE_BITS = 1 << 28
"""The largest table that is kept at once to walk back through: 32 MiB."""


def common(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence, in order."""
    start = 0
    end = min(len(one), len(other))
    while start < end and one[start] == other[start]:
        start += 1
    tail = 0
    while tail < end - start and one[-1 - tail] == other[-1 - tail]:
        tail += 1

    head = [(index, index) for index in range(start)]
    middle = _shared(one[start : len(one) - tail], other[start : len(other) - tail])
    ends = [(len(one) - back, len(other) - back) for back in range(tail, 0, -1)]
    return [*head, *((i + start, j + start) for i, j in middle), *ends]


def _shared(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The same without what only one side has: that lengthens the vectors for nothing."""
    known = {*one} & {*other}
    rows = [i for i, item in enumerate(one) if item in known]
    columns = [j for j, item in enumerate(other) if item in known]
    pairs = _middle([one[i] for i in rows], [other[j] for j in columns])
    return [(rows[i], columns[j]) for i, j in pairs]


def _middle(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    if not one or not other:
        return []
    if len(one) * len(other) <= _TABLE_BITS or len(one) == 1:
        return _walked_back(list(_rows(one, other)), len(other))
    return _halved(one, other)


def _rows(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[int]:
    """A bit vector per item of `one`; a zero at bit j says that `other[j]` lengthens the LCS."""
    places: dict[Hashable, int] = {}
    for index, item in enumerate(other):
        places[item] = places.get(item, 0) | 1 << index
    full = (1 << len(other)) - 1
    row = full
    for item in one:
        hits = row & places.get(item, 0)
        row = ((row + hits) | (row - hits)) & full
        yield row


def _walked_back(rows: list[int], width: int) -> list[tuple[int, int]]:
    pairs = []
    line, column = len(rows), width
    while line and column:
        if rows[line - 1] >> (column - 1) & 1:
            column -= 1
            continue
        line -= 1
        if line == 0 or rows[line - 1] >> (column - 1) & 1:
            column -= 1
            pairs.append((line, column))
    return pairs[::-1]


def _halved(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Hirschberg: cut `one` in the middle and `other` where both halves have most in common."""
    half = len(one) // 2
    before = _lengths(one[:half], other)
    after = _lengths(one[: half - 1 : -1], other[::-1])
    cut = max(range(len(other) + 1), key=lambda j: before[j] + after[len(other) - j])
    left = _middle(one[:half], other[:cut])
    right = _middle(one[half:], other[cut:])
    return [*left, *((i + half, j + cut) for i, j in right)]


def _lengths(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[int]:
    """LCS length of `one` with every prefix of `other`."""
    last = deque(_rows(one, other), maxlen=1).pop()
    lengths = [0]
    for bit in reversed(format(last, f"0{len(other)}b")):
        lengths.append(lengths[-1] + (bit == "0"))
    return lengths
