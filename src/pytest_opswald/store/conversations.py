"""Lists that grow from call to call: which earlier list a new one continues, and from where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shared:
    """The longest beginning that a list shares with an earlier one."""

    step: int
    """The step that holds the earlier list."""
    items: int
    """How many items are shared."""
    whole: bool
    """Whether they are all the earlier list has."""


class Conversations:
    """A prefix tree over the lists told so far; linear in the items it is given."""

    def __init__(self) -> None:
        self._children: dict[tuple[int, str], int] = {}
        self._through: dict[int, int] = {}
        """Step of the first list that passes a node."""
        self._ending: dict[int, int] = {}
        """Step of the latest list that ends at a node."""

    def shared(self, items: Sequence[str]) -> Shared | None:
        """What the list shares with an earlier one; None when nothing."""
        node, count = 0, 0
        for item in items:
            child = self._children.get((node, item))
            if child is None:
                break
            node, count = child, count + 1
        if not count:
            return None
        whole = self._ending.get(node)
        return Shared(self._through[node] if whole is None else whole, count, whole is not None)

    def add(self, items: Sequence[str], step: int) -> None:
        """Remember the list of a step."""
        node = 0
        for item in items:
            node = self._children.setdefault((node, item), len(self._children) + 1)
            self._through.setdefault(node, step)
        self._ending[node] = step


class Texts:
    """One text per item; equal for equal JSON with equal key order only."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[Any, str]] = {}
        """By identity, with the item, so that no id is given out twice: lists repeat their items."""

    def of(self, items: Sequence[Any]) -> tuple[str, ...]:
        told, texts = self._told, []
        for item in items:
            known = told.get(id(item))
            if known is None:
                known = told[id(item)] = (item, json.dumps(item))
            texts.append(known[1])
        return tuple(texts)
