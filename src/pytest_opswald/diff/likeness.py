"""How alike items of two stretches are, each with each, at the price of a few machine words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .keys import Leaf, Leaves, alike

Item = tuple[object, Leaves]
"""A key and the leaves of an item; items of different keys have nothing in common."""


class _Held(NamedTuple):
    key: object
    size: int
    bits: int
    """One per leaf that both stretches know."""


class Likeness:
    """From .4, nothing but the key in common, to 1; 0 where not even the key is."""

    def __init__(self, ones: Sequence[Item], others: Sequence[Item]) -> None:
        known = _leaves(ones) & _leaves(others)
        places = {leaf: place for place, leaf in enumerate(known)}
        self._rows = [_held(item, places) for item in ones]
        self._columns = [_held(item, places) for item in others]

    def weights(self, row: int, band: range) -> list[float]:
        """Of one item with each of the others in a range."""
        key, size, bits = self._rows[row]
        return [
            alike(size + its_size, (bits & its_bits).bit_count()) if its_key == key else 0.0
            for its_key, its_size, its_bits in self._columns[band.start : band.stop]
        ]


def _leaves(items: Iterable[Item]) -> set[Leaf]:
    return {leaf for _, leaves in items for leaf in leaves}


def _held(item: Item, places: Mapping[Leaf, int]) -> _Held:
    key, leaves = item
    bits = bytearray(len(places) // 8 + 1)
    for leaf in leaves:
        if leaf in places:
            bits[places[leaf] >> 3] |= 1 << (places[leaf] & 7)
    return _Held(key, len(leaves), int.from_bytes(bits, "little"))
