"""Pairing the parts of two turns, whose order does not matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .gaps import Weights
from .keys import Leaves, StepKey, similarity
from .lcs import common
from .likeness import Likeness
from .matching import assignment
from .units import Member, Unit, equal_pairs

_MOST_ASSIGNED = 60
"""More calls than that of one tool in one turn are paired as they come: assignment is cubic."""

Pairs = list[tuple[Member, Member]]


def unit_weights(golden: Sequence[Unit], actual: Sequence[Unit]) -> Weights:
    """How much each has in common with each: the sum over the pairs they would be made of."""
    likeness = Likeness(golden, actual, key=_key, leaves=_leaves)
    turns = [place for place, unit in enumerate(actual) if not unit.is_single]

    def weights(row: int, band: range) -> list[float]:
        found = likeness.weights(row, band)
        for column in turns if golden[row].is_single else band:
            if column in band:
                found[column - band.start] = _weight(golden[row], actual[column])
        return found

    return weights


def _key(unit: Unit) -> StepKey:
    return unit.members[0].key


def _leaves(unit: Unit) -> Leaves:
    return unit.members[0].leaves


def equal_members(golden: Sequence[Member], actual: Sequence[Member]) -> Pairs:
    """Pairs of equal parts, in their order as far as they have one."""
    if len(golden) == len(actual) == 1:
        pair = golden[0], actual[0]
        return [pair] if pair[0].fingerprint == pair[1].fingerprint else []
    ordered = common([m.fingerprint for m in golden], [m.fingerprint for m in actual])
    pairs = [(golden[i], actual[j]) for i, j in ordered]
    rest = free(golden, actual, pairs)
    return pairs + equal_pairs(*rest, name=lambda member: member.fingerprint)


def _weight(golden: Unit, actual: Unit) -> float:
    equal = equal_members(golden.members, actual.members)
    best = best_members(*free(golden.members, actual.members, equal))
    return len(equal) + sum(_alike(one, other) for one, other in best)


def best_members(golden: Iterable[Member], actual: Iterable[Member]) -> Pairs:
    """Of parts that are not equal, the pairs that are most alike in sum."""
    ones, others = _by_key(golden), _by_key(actual)
    return [pair for key in ones if key in others for pair in _assigned(ones[key], others[key])]


def free(
    golden: Iterable[Member], actual: Iterable[Member], pairs: Pairs
) -> tuple[list[Member], list[Member]]:
    """The parts of both sides that no pair has yet."""
    ones, others = {one.index for one, _ in pairs}, {other.index for _, other in pairs}
    return (
        [member for member in golden if member.index not in ones],
        [member for member in actual if member.index not in others],
    )


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
