"""Which message of one conversation answers to which of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pytest_opswald.trace.volatile import normal

from .gaps import best_path
from .keys import leaves
from .lcs import common
from .likeness import Likeness

Messages = Sequence[dict[str, Any]]
Gap = tuple[range, range]
"""Places in the one and in the other, between messages that are the same."""


def apart(ones: Messages, others: Messages) -> Iterator[tuple[int | None, int | None]]:
    """Places of messages that are not the same in both, paired with the most alike or with None.

    Requests of one conversation repeat nearly all of it: what is written alike is found first, and
    only what is left is looked at up to volatile values.
    """
    whole = range(len(ones)), range(len(others))
    for gap in _gaps(ones, others, whole, repr):
        for inner in _gaps(ones, others, gap, normal):
            yield from _fitted(ones, others, inner)


def _gaps(
    ones: Messages, others: Messages, within: Gap, name: Callable[[Any], str]
) -> Iterator[Gap]:
    """What messages of one name leave between them."""
    rows, columns = within
    anchors = common([name(ones[i]) for i in rows], [name(others[j]) for j in columns])
    i = j = 0
    for next_i, next_j in [*anchors, (len(rows), len(columns))]:
        if i < next_i or j < next_j:
            yield rows[i:next_i], columns[j:next_j]
        i, j = next_i + 1, next_j + 1


def _fitted(ones: Messages, others: Messages, gap: Gap) -> Iterator[tuple[int | None, int | None]]:
    rows, columns = gap
    mine, theirs = [ones[i] for i in rows], [others[j] for j in columns]
    likeness = Likeness(mine, theirs, key=_kind, leaves=leaves)
    path = best_path(len(rows), len(columns), likeness.weights)
    partners = {rows[i]: columns[j] for i, j in path}
    yield from ((i, partners.get(i)) for i in rows)
    taken = set(partners.values())
    yield from ((None, j) for j in columns if j not in taken)


def _kind(message: dict[str, Any]) -> tuple[Any, Any]:
    return message.get("role"), message.get("type")
