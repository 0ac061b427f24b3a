"""The skeleton of an alignment: which units of two traces answer to each other."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator

from .gaps import best_path
from .lcs import common
from .turns import unit_weights
from .units import Unit, equal_pairs

Places = list[tuple[int, int]]
"""Pairs of units, by place in the two traces."""


def paired_units(golden: list[Unit], actual: list[Unit]) -> tuple[Places, Places]:
    """Units paired in order, and equal ones that stand elsewhere."""
    anchors = _anchors(golden, actual)
    left, right = (
        _without(golden, {g for g, _ in anchors}),
        _without(actual, {a for _, a in anchors}),
    )
    equal = equal_pairs(left, right, name=lambda unit: unit.fingerprint)
    elsewhere = [(one.place, other.place) for one, other in equal]
    _blame_tools(anchors, elsewhere, golden)
    left, right = (
        _without(left, {g for g, _ in elsewhere}),
        _without(right, {a for _, a in elsewhere}),
    )
    fitting = _fitting(anchors, left, right)
    return sorted([*anchors, *fitting]), elsewhere


def _anchors(golden: list[Unit], actual: list[Unit]) -> Places:
    """Equal units in order, so that as many steps as can be are equal, tool results included."""
    ones, others = list(_by_step(golden)), list(_by_step(actual))
    anchors: Places = []
    for i, j in reversed(common([name for name, _ in ones], [name for name, _ in others])):
        one, other = ones[i][1], others[j][1]
        # from the end: where calls that are equal differ in their results, those decide
        if not anchors or (one < anchors[-1][0] and other < anchors[-1][1]):
            anchors.append((one, other))
    return anchors[::-1]


def _by_step(units: Iterable[Unit]) -> Iterator[tuple[bytes, int]]:
    """A name of each step, which tells units apart, and the place of its unit."""
    for unit in units:
        name = unit.fingerprint
        yield from ((name + bytes(number), unit.place) for number in range(len(unit.members)))
        yield from ((name + result, unit.place) for result in unit.results)


def _without(units: Iterable[Unit], places: set[int]) -> list[Unit]:
    return [unit for unit in units if unit.place not in places]


def _blame_tools(anchors: Places, elsewhere: Places, golden: list[Unit]) -> None:
    """Where an LLM call and a tool call swapped places, it is the tool call that moved."""
    for index, (g, a) in enumerate(elsewhere):
        crossed = [pair for pair in anchors if (pair[0] < g) != (pair[1] < a)]
        if len(crossed) == 1 and golden[crossed[0][0]].is_tools and golden[g].is_llm:
            anchors[anchors.index(crossed[0])] = (g, a)
            anchors.sort()
            elsewhere[index] = crossed[0]


def _fitting(anchors: Places, golden: list[Unit], actual: list[Unit]) -> Places:
    """Between the anchors, what is most alike."""
    found: Places = []
    left, right = deque(golden), deque(actual)
    for g, a in [*anchors, (sys.maxsize, sys.maxsize)]:
        rows, columns = list(_before(left, g)), list(_before(right, a))
        if rows and columns:
            path = best_path(len(rows), len(columns), unit_weights(rows, columns))
            found += [(rows[i].place, columns[j].place) for i, j in path]
    return found


def _before(units: deque[Unit], place: int) -> Iterator[Unit]:
    while units and units[0].place < place:
        yield units.popleft()


def crosses(settled: Places, golden: int, actual: int) -> bool:
    """Whether a pair of units stands in another order than those that were paired in order."""
    before = bisect_left(settled, (golden, -1)) - 1
    after = bisect_right(settled, (golden, float("inf")))
    return (before >= 0 and settled[before][1] > actual) or (
        after < len(settled) and settled[after][1] < actual
    )
