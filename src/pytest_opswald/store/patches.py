"""A document told as what differs from another one: `{place: new value}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """Equal scalars of one type; unlike `==`, 0.0 is not -0.0."""
    return one == other and (not isinstance(one, float) or repr(one) == repr(other))


def patched(base: Any, changes: Iterable[Edit]) -> Any:
    """`base` with values replaced; parts that no change touches are shared, not copied.

    Raises LookupError or TypeError when a place is not there.
    """
    root = [base]
    fresh: set[int] = set()
    for place, value in changes:
        parent: Any = root
        step: Any = 0
        for part in place:
            parent = _own(parent, step, fresh)
            step = part
        parent[step]  # a place must exist: a patch replaces, it never adds
        parent[step] = value
    return root[0]


def _own(parent: Any, step: Any, fresh: set[int]) -> Any:
    """The child at `step`, replaced by a copy the first time it is entered."""
    child = parent[step]
    if id(child) not in fresh:
        child = parent[step] = child.copy()
        fresh.add(id(child))
    return child
