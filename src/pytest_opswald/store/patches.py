"""A document told as what differs from another one: `{place: new value}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .pointers import Place

Edit = tuple[Place, Any]


def edits(base: Any, new: Any, at: Place = ()) -> Iterator[Edit]:
    """The smallest subtrees of `new` that differ; keys in another order differ as a whole."""
    if type(base) is not type(new):
        yield at, new
    elif isinstance(new, dict):
        yield from _edits_of_dicts(base, new, at)
    elif isinstance(new, list) and len(base) == len(new):
        for index, (old, item) in enumerate(zip(base, new, strict=True)):
            yield from edits(old, item, (*at, index))
    elif not same(base, new):
        yield at, new


def _edits_of_dicts(base: dict[str, Any], new: dict[str, Any], at: Place) -> Iterator[Edit]:
    if list(base) != list(new):
        yield at, new
        return
    for key, value in new.items():
        yield from edits(base[key], value, (*at, key))


def same(one: Any, other: Any) -> bool:
    """Equal scalars of one type; unlike `==`, 0.0 is not -0.0 and 1 is not True."""
    if type(one) is not type(other):
        return False
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


class Draft:
    """A changed copy of a document; parts that no change touches are shared, not copied."""

    def __init__(self, base: Any) -> None:
        self.document = base.copy()
        self._own: dict[Place, Any] = {(): self.document}
        """Containers that are copies already."""

    def put(self, place: Place, value: Any) -> tuple[Any, Any]:
        """Replace the value at a place; returns the container and the key.

        Raises LookupError, TypeError or AttributeError for a place that is not there: a patch
        replaces, it never adds.
        """
        parent, key = self._container(place[:-1]), place[-1]
        parent[key]
        parent[key] = value
        return parent, key

    def _container(self, place: Place) -> Any:
        """The container at a place, its way there copied."""
        own = self._own.get(place)
        if own is None:
            parent, key = self._container(place[:-1]), place[-1]
            own = self._own[place] = parent[key] = parent[key].copy()
        return own
