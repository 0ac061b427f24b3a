"""Streams told as what is new in them: runs of alike events, each like an earlier event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from .patches import Edit, edits
from .pointers import Place, look_up, spell
from .references import Told
from .streams import Run, pack, runs

_MOST_JOINS = 16
"""Of one leaf in one stream; joining after every run of many would cost quadratic time."""
_LAST = 4
"""Events at the end of a stream that may repeat what it said, whole."""

Base = tuple[str, Any]
"""An event that others may be like: its pointer, and itself."""


class Events:
    """Encodes the events of streams in order."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._first: dict[str, Base] = {}
        """First event of each kind, in any stream."""
        self._latest: dict[str, Base] = {}
        """Latest event of each structure, in this stream."""
        self._joins: dict[Place, int] = {}
        """How often the text of a leaf was joined over this stream so far."""

    def encode(self, events: Sequence[dict[str, Any]], place: Place) -> list[Any]:
        """The events of one stream, alike ones told as one run."""
        self._latest, self._joins = {}, {}
        told = []
        for run in runs(events):
            told.append(self._run(run, events[run.first], place))
            self._join(list(run.columns()), events[: run.first + len(run.rows)], place)
        self._join(list(self._joins), events, place)
        for index, event in enumerate(events[-_LAST:], start=max(0, len(events) - _LAST)):
            self._told.tell_inside(event, (*place, index))
        return told

    def _run(self, run: Run, template: dict[str, Any], place: Place) -> dict[str, Any]:
        columns = run.columns()
        told = self._template(template, set(columns), (*place, run.first))
        if not columns and len(run.rows) == 1:
            return told
        moving = {
            spell(leaf): self._column(run, leaf, values, place) for leaf, values in columns.items()
        }
        return {"run": len(run.rows), "of": told, "moving": moving}

    def _template(self, event: dict[str, Any], moving: set[Place], place: Place) -> dict[str, Any]:
        """An event, like an earlier one where that is shorter; what moves does not count."""
        whole, structure = _kinds(event)
        bases = [
            base
            for base in (self._first.get(whole), self._latest.get(structure))
            if base is not None
        ]
        self._first.setdefault(whole, (self._told.pointer(place), event))
        self._latest[structure] = (self._told.pointer(place), event)
        patches = [(base[0], _patch(base[1], event, moving)) for base in bases]
        pointer, patch = min(patches, key=lambda told: _size(told[1]), default=("", []))
        if not pointer or _size(patch) >= len(json.dumps(event)):
            return {key: self._told.value(value, (*place, key)) for key, value in event.items()}
        new = {spell(at): self._told.value(value, (*place, *at)) for at, value in patch}
        return {"like": pointer, **new}

    def _column(self, run: Run, leaf: Place, values: list[Any], place: Place) -> dict[str, Any]:
        told = pack(values)
        if "text" not in told:
            return told
        indexes = range(run.first, run.first + len(values))
        return {**told, "text": self._told.value(told["text"], (*place, indexes, *leaf))}

    def _join(self, leaves: Iterable[Place], events: Sequence[Any], place: Place) -> None:
        """Let later values point to texts that a keep-alive or the like cut into several runs."""
        for leaf in leaves:
            self._joins[leaf] = self._joins.get(leaf, 0) + 1
            if self._joins[leaf] <= _MOST_JOINS:
                over = range(len(events))
                self._told.tell(look_up(events, (over, *leaf)), (*place, over, *leaf))


def _patch(base: Any, event: Any, moving: set[Place]) -> list[Edit]:
    return [(at, value) for at, value in edits(base, event) if at not in moving]


def _size(patch: list[Edit]) -> int:
    """About as many characters as the patch will take; patching the root is no patch."""
    return sum(len(spell(at)) + len(json.dumps(value)) + 6 for at, value in patch) + 30


def _kinds(event: dict[str, Any]) -> tuple[str, str]:
    """What an event may be like: one of its own kind, or any with the same outer keys."""
    data = event.get("data")
    keys = list(data) if isinstance(data, dict) else None
    structure = json.dumps([list(event), keys])
    kind = data.get("type") if isinstance(data, dict) else data
    return json.dumps([list(event), keys, event.get("event"), kind]), structure
