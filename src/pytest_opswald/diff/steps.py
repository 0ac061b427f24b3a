"""Alignment: which step of a run answers to which step of the golden.

Equal units first, by longest common subsequence; then equal units that stand elsewhere; then,
in between, whatever fits best; last, parts of one turn that ended up in another.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_opswald.trace.steps import Step, ToolResult

from .skeleton import Places, crosses, paired_units
from .turns import Pairs, best_members, equal_members, free
from .units import Member, Unit, units_of


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
    settled, elsewhere = paired_units(golden, actual)
    pairs = _paired_members(golden, actual, [*settled, *elsewhere])
    ones, others = free(_members(golden), _members(actual), pairs)
    pairs += _stray_results(ones, others)

    for one, other in pairs:
        moved = crosses(settled, one.unit, other.unit)
        yield Link(one.index, other.index, moved)
        yield from _results(one, other, moved=moved)
    paired = {one.index for one, _ in pairs}, {other.index for _, other in pairs}
    for one in ones:
        yield from (Link(place, None, call=call) for place, call in _places(one, paired[0]))
    for other in others:
        yield from (Link(None, place, call=call) for place, call in _places(other, paired[1]))


def _members(units: Iterable[Unit]) -> list[Member]:
    return [member for unit in units for member in unit.members]


def _paired_members(golden: list[Unit], actual: list[Unit], places: Places) -> Pairs:
    """Equal parts of paired units, then equal parts anywhere, then the best of paired units."""
    pairs = [p for g, a in places for p in equal_members(golden[g].members, actual[a].members)]
    pairs += equal_members(*free(_members(golden), _members(actual), pairs))
    ones, others = free(_members(golden), _members(actual), pairs)
    of_one, of_other = _by_unit(ones), _by_unit(others)
    for g, a in places:
        pairs += best_members(of_one[g], of_other[a])
    return pairs


def _by_unit(members: Iterable[Member]) -> dict[int, list[Member]]:
    grouped: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        grouped[member.unit].append(member)
    return grouped


def _stray_results(ones: list[Member], others: list[Member]) -> Pairs:
    """Results whose call one side lacks, paired with those that came with their call."""
    return [
        *equal_members([m.result for m in ones if m.result], _results_alone(others)),
        *equal_members(_results_alone(ones), [m.result for m in others if m.result]),
    ]


def _results_alone(members: Iterable[Member]) -> list[Member]:
    return [member for member in members if isinstance(member.step, ToolResult)]


def _results(one: Member, other: Member, *, moved: bool) -> Iterator[Link]:
    if one.result and other.result:
        yield Link(one.result.index, other.result.index, moved, call=one.index)
    elif one.result:
        yield Link(one.result.index, None)
    elif other.result:
        yield Link(None, other.result.index)


def _places(member: Member, paired: set[int]) -> Iterator[tuple[int, int | None]]:
    """Places of an unpaired step and of the result that came along; with the latter its call's."""
    if member.index not in paired:
        yield member.index, None
    if member.result and member.result.index not in paired:
        yield member.result.index, member.index


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
