"""Streams told as what is new in them: runs of alike events, each like an earlier event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .patches import Edit, edits
from .pointers import Place, look_up, spell
from .references import Told
from .renaming import Renaming
from .streams import Run, leaves, pack, runs

_MOST_JOINS = 16
"""Of one leaf in one stream; joining after every run of many would cost quadratic time."""
_LAST = 4
"""Events at the end of a stream that may repeat what it said, whole."""


@dataclass(slots=True)
class Base:
    """An event that others may be like."""

    step: int
    index: int
    pointer: str
    event: Any
    texts: dict[Place, str] = field(default_factory=dict)
    """When a run begins with it: the joined texts of its leaves."""


@dataclass(frozen=True, slots=True)
class _Likeness:
    """An event as one of the bases tells it."""

    base: Base
    patch: list[Edit]

    @property
    def size(self) -> int:
        """About as many characters as it will take."""
        return sum(len(spell(at)) + len(json.dumps(value)) + 6 for at, value in self.patch) + 30


class Events:
    """Encodes the events of streams in order."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._first: dict[str, Base] = {}
        """First event of each kind, in any stream."""
        self._latest: dict[str, Base] = {}
        """Latest event of each kind, in this stream."""
        self._renaming = Renaming()
        self._joins: dict[Place, int] = {}
        """How often the text of a leaf was joined over this stream so far."""

    def encode(self, events: Sequence[dict[str, Any]], place: Place) -> list[Any]:
        """The events of one stream, alike ones told as one run."""
        self._latest, self._renaming, self._joins = {}, Renaming(), {}
        told = []
        for run in runs(events):
            told.append(self._run(run, events[run.first], place))
            self._join(list(run.columns()), events[: run.first + len(run.rows)], place)
        self._join(list(self._joins), events, place)
        for index, event in enumerate(events[-_LAST:], start=max(0, len(events) - _LAST)):
            self._told.tell_inside(event, (*place, index))
        return told

    def _run(self, run: Run, event: dict[str, Any], place: Place) -> dict[str, Any]:
        columns = run.columns()
        at = (*place, run.first)
        here = Base(self._told.step, run.first, self._told.pointer(at), event)
        like = self._likeness(here, set(columns))
        told = self._template(event, like, at)
        if not columns and len(run.rows) == 1:
            return told
        moving = {}
        for leaf, values in columns.items():
            moving[spell(leaf)] = column = pack(values)
            if "text" in column:
                here.texts[leaf] = column["text"]
                over = range(run.first, run.first + len(values))
                column["text"] = self._told.value(column["text"], (*place, over, *leaf))
                if like and like.base.step != here.step:
                    self._renaming.learn(like.base.texts.get(leaf), here.texts[leaf])
        return {"run": len(run.rows), "of": told, "moving": moving}

    def _likeness(self, here: Base, moving: set[Place]) -> _Likeness | None:
        """What tells the event shortest; what moves does not count."""
        *kinds, outer = _kinds(here.event)
        bases = [self._first[kind] for kind in kinds if kind in self._first]
        bases += [self._latest[outer]] if outer in self._latest else []
        for kind in kinds:
            self._first.setdefault(kind, here)
        self._latest[outer] = here
        likenesses = [_Likeness(base, self._patch(base, here, moving)) for base in bases]
        best = min(likenesses, key=lambda like: like.size, default=None)
        return best if best and best.size < len(json.dumps(here.event)) else None

    def _patch(self, base: Base, here: Base, moving: set[Place]) -> list[Edit]:
        event = base.event
        if base.step != here.step:
            event = self._renaming.renamed(event, was=base.index, now=here.index)
        return [(at, value) for at, value in edits(event, here.event) if at not in moving]

    def _template(
        self, event: dict[str, Any], like: _Likeness | None, place: Place
    ) -> dict[str, Any]:
        if like is None:
            return {key: self._told.value(value, (*place, key)) for key, value in event.items()}
        told = {spell(at): self._told.value(value, (*place, *at)) for at, value in like.patch}
        if like.base.step != self._told.step:
            for at, value in like.patch:
                self._renaming.learn(look_up(like.base.event, at), value)
        return {"like": like.base.pointer, **told}

    def _join(self, leaves: Iterable[Place], events: Sequence[Any], place: Place) -> None:
        """Let later values point to texts that a keep-alive or the like cut into several runs."""
        for leaf in leaves:
            self._joins[leaf] = self._joins.get(leaf, 0) + 1
            if self._joins[leaf] <= _MOST_JOINS:
                over = range(len(events))
                self._told.tell(look_up(events, (over, *leaf)), (*place, over, *leaf))


def _kinds(event: dict[str, Any]) -> tuple[str, str, str]:
    """What it may be like: events of its whole structure, of its type, of its outer keys."""
    data = event.get("data")
    outer = json.dumps([list(event), list(data) if isinstance(data, dict) else data])
    name = data.get("type") if isinstance(data, dict) else None
    kind = json.dumps([outer, event.get("event"), name])
    places = " ".join(spell(place) for place, _ in leaves(event))
    return f"{kind} {places}", kind, outer
