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
        self._own = {id(self.document)}

    def slot(self, place: Place) -> tuple[Any, Any]:
        """The container and key of a place, its way there copied.

        Raises LookupError, TypeError or AttributeError for a place that is not there: a patch
        replaces, it never adds.
        """
        parent = self.document
        for part in place[:-1]:
            parent = self._entered(parent, part)
        parent[place[-1]]
        return parent, place[-1]

    def put(self, place: Place, value: Any) -> None:
        """Replace the value at a place."""
        parent, key = self.slot(place)
        parent[key] = value

    def _entered(self, parent: Any, part: Any) -> Any:
        child = parent[part]
        if id(child) not in self._own:
            child = parent[part] = child.copy()
            self._own.add(id(child))
        return child
