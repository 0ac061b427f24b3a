"""Alignment: which step of a run answers to which step of the golden.

Equal units first, by longest common subsequence; then equal units that stand elsewhere; then,
in between, whatever fits best; last, parts of one turn that ended up in another.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pytest_opswald.trace.steps import Step

from .gaps import best_path
from .lcs import common
from .turns import paired_members, unit_weight
from .units import Member, Unit, equal_pairs, units_of

Places = list[tuple[int, int]]
"""Pairs of units, by place in the two traces."""


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the alignment, by place in the two traces; None where there is no partner."""

    golden: int | None
    actual: int | None
    moved: bool = False
    call: int | None = None
    """Of a tool result that only came along with its call: the call's place."""


def align(golden: Sequence[Step], actual: Sequence[Step]) -> list[Link]:
    """Every step of both exactly once, in the golden's order, extra steps where they happened."""
    links = _links(units_of(golden), units_of(actual))
    return list(_in_order(links, len(golden)))


def _links(golden: list[Unit], actual: list[Unit]) -> Iterator[Link]:
    settled, elsewhere = _paired_units(golden, actual)
    pairs = [
        pair for g, a in [*settled, *elsewhere] for pair in paired_members(golden[g], actual[a])
    ]
    left_over = _free(golden, (one for one, _ in pairs)), _free(actual, (two for _, two in pairs))
    pairs += equal_pairs(*left_over, name=lambda member: member.fingerprint)

    for one, other in pairs:
        yield from _linked(one, other, moved=_crosses(settled, one.unit, other.unit))
    for member in _free(golden, (one for one, _ in pairs)):
        yield Link(member.index, None)
        if member.result is not None:
            yield Link(member.result, None, call=member.index)
    for member in _free(actual, (other for _, other in pairs)):
        yield Link(None, member.index)
        if member.result is not None:
            yield Link(None, member.result, call=member.index)


def _paired_units(golden: list[Unit], actual: list[Unit]) -> tuple[Places, Places]:
    """Units paired in order, and equal ones that stand elsewhere."""
    anchors = common([unit.fingerprint for unit in golden], [unit.fingerprint for unit in actual])
    free_golden = sorted(set(range(len(golden))) - {g for g, _ in anchors})
    free_actual = sorted(set(range(len(actual))) - {a for _, a in anchors})
    left = [golden[g] for g in free_golden]
    right = [actual[a] for a in free_actual]
    equal = equal_pairs(left, right, name=lambda unit: unit.fingerprint)
    elsewhere = [(one.place, other.place) for one, other in equal]
    taken_golden, taken_actual = {g for g, _ in elsewhere}, {a for _, a in elsewhere}

    fitting: Places = []
    ends = [(-1, -1), *anchors, (len(golden), len(actual))]
    for (g0, a0), (g1, a1) in pairwise(ends):
        rows = [golden[g] for g in range(g0 + 1, g1) if g not in taken_golden]
        columns = [actual[a] for a in range(a0 + 1, a1) if a not in taken_actual]
        fitting += _fitting(rows, columns)
    return sorted([*anchors, *fitting]), elsewhere


def _fitting(rows: list[Unit], columns: list[Unit]) -> Places:
    path = best_path(len(rows), len(columns), lambda i, j: unit_weight(rows[i], columns[j]))
    return [(rows[i].place, columns[j].place) for i, j in path]


def _free(units: Iterable[Unit], paired: Iterable[Member]) -> list[Member]:
    taken = {member.index for member in paired}
    return [member for unit in units for member in unit.members if member.index not in taken]


def _crosses(settled: Places, golden: int, actual: int) -> bool:
    """Whether a pair of units stands in another order than those that were paired in order."""
    before = bisect_left(settled, (golden, -1)) - 1
    after = bisect_right(settled, (golden, float("inf")))
    return (before >= 0 and settled[before][1] > actual) or (
        after < len(settled) and settled[after][1] < actual
    )


def _linked(one: Member, other: Member, *, moved: bool) -> Iterator[Link]:
    yield Link(one.index, other.index, moved)
    if one.result is not None and other.result is not None:
        yield Link(one.result, other.result, moved, call=one.index)
    elif one.result is not None:
        yield Link(one.result, None)
    elif other.result is not None:
        yield Link(None, other.result)


def _in_order(links: Iterable[Link], steps: int) -> Iterator[Link]:
    by_golden, extra = {}, []
    for link in links:
        if link.golden is None:
            extra.append(link)
        else:
            by_golden[link.golden] = link
    waiting = deque(sorted(extra, key=lambda link: link.actual or 0))
    for place in range(steps):
        link = by_golden[place]
        while waiting and not link.moved and (waiting[0].actual or 0) < (link.actual or 0):
            yield waiting.popleft()
        yield link
    yield from waiting
