"""Pairing the parts of two turns, whose order does not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .keys import StepKey, similarity
from .matching import assignment
from .units import Member, Unit, equal_pairs

_MOST_ASSIGNED = 60
"""More calls than that of one tool in one turn are paired as they come: assignment is cubic."""

Pairs = list[tuple[Member, Member]]


def unit_weight(golden: Unit, actual: Unit) -> float:
    """How much two units have in common: the sum over the pairs they would be made of."""
    if len(golden.members) == len(actual.members) == 1:
        return _alike(golden.members[0], actual.members[0])
    return sum(_alike(one, other) for one, other in paired_members(golden, actual))


def paired_members(golden: Unit, actual: Unit) -> Pairs:
    """Equal parts first; of what is left the pairs that are most alike in sum."""
    if len(golden.members) == len(actual.members) == 1:
        one, other = golden.members[0], actual.members[0]
        return [(one, other)] if one.key == other.key else []
    equal = equal_pairs(golden.members, actual.members, name=lambda member: member.fingerprint)
    taken = {id(member) for pair in equal for member in pair}
    ones = _by_key(member for member in golden.members if id(member) not in taken)
    others = _by_key(member for member in actual.members if id(member) not in taken)
    return [*equal, *(pair for key in ones for pair in _assigned(ones[key], others[key]))]


def _alike(one: Member, other: Member) -> float:
    return similarity(one.leaves, other.leaves) if one.key == other.key else 0.0


def _by_key(members: Iterable[Member]) -> dict[StepKey, list[Member]]:
    named: dict[StepKey, list[Member]] = defaultdict(list)
    for member in members:
        named[member.key].append(member)
    return named


def _assigned(ones: list[Member], others: list[Member]) -> Iterator[tuple[Member, Member]]:
    if max(len(ones), len(others)) > _MOST_ASSIGNED:
        yield from zip(ones, others, strict=False)
        return
    weights = [[similarity(one.leaves, other.leaves) for other in others] for one in ones]
    yield from ((ones[row], others[column]) for row, column in assignment(weights))
