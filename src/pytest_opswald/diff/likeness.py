"""How alike items of two stretches are, each with each, at the price of a few machine words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from .keys import Leaf, Leaves, alike

T = TypeVar("T")


class _Held(NamedTuple):
    key: object
    size: int
    bits: int
    """One per leaf that both stretches know."""


class Likeness:
    """From .4, nothing but the key in common, to 1; 0 where not even the key is."""

    def __init__(
        self,
        ones: Sequence[T],
        others: Sequence[T],
        *,
        key: Callable[[T], object],
        leaves: Callable[[T], Leaves],
    ) -> None:
        if len(ones) == len(others) == 1:  # there is no choice, and leaves cost most
            leaves = _none
        mine, theirs = [leaves(one) for one in ones], [leaves(other) for other in others]
        places = {leaf: place for place, leaf in enumerate({*_all(mine)} & {*_all(theirs)})}
        self._rows = [_held(key(one), its, places) for one, its in zip(ones, mine, strict=True)]
        self._columns = [_held(key(o), its, places) for o, its in zip(others, theirs, strict=True)]

    def weights(self, row: int, band: range) -> list[float]:
        """Of one item with each of the others in a range."""
        key, size, bits = self._rows[row]
        return [
            alike(size + its_size, (bits & its_bits).bit_count()) if its_key == key else 0.0
            for its_key, its_size, its_bits in self._columns[band.start : band.stop]
        ]


def _none(item: object) -> Leaves:
    return frozenset()


def _all(known: Iterable[Leaves]) -> Iterable[Leaf]:
    return (leaf for leaves in known for leaf in leaves)


def _held(key: object, leaves: Leaves, places: Mapping[Leaf, int]) -> _Held:
    bits = bytearray(len(places) // 8 + 1)
    for leaf in leaves:
        if leaf in places:
            bits[places[leaf] >> 3] |= 1 << (places[leaf] & 7)
    return _Held(key, len(leaves), int.from_bytes(bits, "little"))
