"""Places of items by key, computed when first asked for: some keys are dear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Index(Generic[Item]):
    def __init__(self, items: Sequence[Item], key: Callable[[Item], str]) -> None:
        self._items = items
        self._key = key

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(self._items):
            places[self._key(item)].append(place)
        return places

    def places(self, like: Item) -> Sequence[int]:
        """Positions of the items with the same key, in order."""
        return self._places.get(self._key(like), ())
