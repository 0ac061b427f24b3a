"""The events of a golden file in full: runs unrolled, likenesses patched, names taken over."""

from __future__ import annotations

from typing import Any

from .patches import Draft
from .pointers import Place, look_up, parse
from .renaming import Renaming
from .resolving import BadReference, Resolver, only, patch_of, word
from .streams import unpack, unrolled

MOST_EVENTS = 100_000
"""In one run; a damaged number must not fill the memory."""


class EventDecoder:
    """Decodes the streams of steps, one after the other."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._renaming = Renaming()
        self._texts: dict[tuple[int, int], dict[Place, str]] = {}
        """Joined texts of every run, by step and index of its first event."""

    def decode(self, told: list[Any], events: list[Any]) -> None:
        """Append to `events`, which already stands in its step, what is told."""
        self._renaming = Renaming()
        for entry in told:
            if word(entry) == "run":
                self._run(only(entry, "run", "of", "moving"), events)
            else:
                self._event(entry, events)

    def _event(self, told: dict[str, Any], events: list[Any]) -> tuple[int, int] | None:
        """One event; returns step and index of the event of an earlier stream that it is like."""
        if word(told) is None:
            events.append(told)
            for key in told:
                self._resolver.settle(told, key)
            return None
        pointer, patch = patch_of(told)
        number, place = self._resolver.target(pointer)
        index, base = _index(place), self._resolver.at(pointer)
        if number == len(self._resolver.steps):
            self._patch(base, patch, events)
            return None
        renamed = self._renaming.renamed(base, was=index, now=len(events))
        self._patch(renamed, patch, events)
        for at in patch:
            self._renaming.learn(look_up(base, at), look_up(events[-1], at))
        return number, index

    def _patch(self, base: Any, patch: dict[Place, Any], events: list[Any]) -> None:
        draft = Draft(base)
        events.append(draft.document)
        for at, value in patch.items():
            self._resolver.settle(*draft.put(at, value))

    def _run(self, told: dict[str, Any], events: list[Any]) -> None:
        count, first = told["run"], len(events)
        if not isinstance(count, int) or not 0 < count <= MOST_EVENTS:
            raise BadReference(f"a run has 1 to {MOST_EVENTS} events, not {count}")
        like = self._event(told["of"], events)
        columns, texts = {}, {}
        for place, column in told["moving"].items():
            self._resolver.settle(told["moving"], place)
            columns[parse(place)] = unpack(column, count)
            if "text" in column:
                texts[parse(place)] = column["text"]
        self._learn(like, texts)
        self._texts[len(self._resolver.steps), first] = texts
        # The template stood in for the first event, so that columns could refer to it.
        events.extend(unrolled(events.pop(), columns, count))

    def _learn(self, like: tuple[int, int] | None, texts: dict[Place, str]) -> None:
        before = self._texts.get(like, {}) if like else {}
        for leaf, text in texts.items():
            self._renaming.learn(before.get(leaf), text)


def _index(place: Place) -> int:
    """Which event a place names."""
    match place:
        case ("http", "events", int(index)):
            return index
    raise BadReference("an event can only be like another event")
