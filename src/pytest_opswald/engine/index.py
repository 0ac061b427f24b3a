"""Places of items by key, computed when first asked for: some keys are dear."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterator, Sequence
from functools import cached_property
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Index(Generic[Item]):
    def __init__(self, items: Sequence[Item], key: Callable[[Item], str]) -> None:
        self._items = items
        self._key = key

    @cached_property
    def _places(self) -> dict[str, deque[int]]:
        places: dict[str, deque[int]] = defaultdict(deque)
        for place, item in enumerate(self._items):
            places[self._key(item)].append(place)
        return places

    def free(self, like: Item, used: Container[int]) -> Iterator[int]:
        """Positions of the items with the same key that are not used, in order.

        What is used once is used for good: where one question is asked a thousand times, the
        answers that were given are not looked at again.
        """
        places = self._places.get(self._key(like))
        while places and places[0] in used:
            places.popleft()
        return (place for place in places or () if place not in used)
