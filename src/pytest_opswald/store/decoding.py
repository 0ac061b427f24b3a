"""The data of a golden file as steps: references resolved, in place and in order.

The parsed document is the one being built: a reference is replaced as soon as it is met, so what
stands before it, in its own step too, is already whole when it is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .patches import Draft
from .pointers import Place, look_up, parse, spell
from .references import WORDS
from .streams import unpack, unrolled

MOST_EVENTS = 1_000_000
"""In one run; a damaged number must not fill the memory."""
_POINTER = re.compile(r"(\d+)\.(.+)", re.DOTALL)


class BadReference(ValueError):
    """A step points to something that is not there, or is told in a way that makes no sense."""


class Decoder:
    """Resolves the references of steps, one after the other."""

    def __init__(self) -> None:
        self._steps: list[dict[str, Any]] = []

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """The step with every value in full. Changes its argument. Raises BadReference."""
        self._steps.append(step)
        try:
            for key, value in step.items():
                if key == "http":
                    self._exchange(step, value)
                elif type(value) is dict or type(value) is list:
                    self._settle(step, key)
        except (LookupError, TypeError, AttributeError) as error:
            raise BadReference(f"it refers to what is not there ({error})") from None
        return step

    def _settle(self, parent: Any, key: Any) -> None:
        """Resolve the references in the value at `key`."""
        value = parent[key]
        match _word(value):
            case "literal":
                value = parent[key] = _only(value, "literal")["literal"]
            case "same_as":
                parent[key] = self._at(_only(value, "same_as")["same_as"])
                return
            case str(word):
                raise BadReference(f"`{word}` has no meaning here")
        members = value.items() if type(value) is dict else enumerate(value)
        for inner, item in members:
            if type(item) is dict or type(item) is list:
                self._settle(value, inner)

    def _exchange(self, step: dict[str, Any], http: dict[str, Any]) -> None:
        if _word(http) is None:
            for key in http:
                self._part(http, key, (key,))
            return
        draft, patch = self._like(http)
        step["http"] = draft.document
        for at, value in patch.items():
            draft.put(at, value)
            self._part(*draft.slot(at), at)

    def _part(self, parent: Any, key: Any, at: Place) -> None:
        """Resolve the value at a place of an exchange."""
        value = parent[key]
        if at == ("events",):
            parent[key] = []
            self._stream(parent[key], value)
        elif at == ("request",) and isinstance(value, dict):
            if _word(value) == "literal":
                value = parent[key] = _only(value, "literal")["literal"]
            for name in value:
                self._part(value, name, (*at, name))
        elif len(at) == 2 and _word(value) == "continues":
            self._continue(parent, str(key), value)
        elif type(value) is dict or type(value) is list:
            self._settle(parent, key)

    def _continue(self, request: dict[str, Any], key: str, told: dict[str, Any]) -> None:
        step = _only(told, "continues", "keep", "add")["continues"]
        earlier = self._at(f"{step}.{spell(('http', 'request', key))}")
        kept = told.get("keep", len(earlier))
        if not isinstance(earlier, list) or not 0 <= kept <= len(earlier):
            raise BadReference(f"step {step} has no {kept} items of `{key}`")
        items = request[key] = earlier[:kept]
        for index, item in enumerate(told.get("add", []), start=kept):
            items.append(item)
            if type(item) is dict or type(item) is list:
                self._settle(items, index)

    def _stream(self, events: list[Any], told: list[Any]) -> None:
        """Append the events that are told."""
        for entry in told:
            run = _word(entry) == "run"
            self._event(events, _only(entry, "run", "of", "moving")["of"] if run else entry)
            if run:
                events.extend(self._rest_of_run(events, entry))

    def _event(self, events: list[Any], told: dict[str, Any]) -> None:
        if _word(told) is None:
            events.append(told)
            for key, value in told.items():
                if type(value) is dict or type(value) is list:
                    self._settle(told, key)
            return
        draft, patch = self._like(told)
        events.append(draft.document)
        for at, value in patch.items():
            draft.put(at, value)
            if type(value) is dict or type(value) is list:
                self._settle(*draft.slot(at))

    def _rest_of_run(self, events: list[Any], told: dict[str, Any]) -> Iterator[Any]:
        """The events of a run, whose template is the last event and makes room for the first."""
        count = told["run"]
        if not isinstance(count, int) or not 0 < count <= MOST_EVENTS:
            raise BadReference(f"a run has 1 to {MOST_EVENTS} events, not {count}")
        columns = {}
        for place, column in told["moving"].items():
            self._settle(told["moving"], place)
            columns[parse(place)] = unpack(column, count)
        return unrolled(events.pop(), columns, count)

    def _like(self, told: dict[str, Any]) -> tuple[Draft, dict[Place, Any]]:
        """A copy of the object that it is like, and what differs from that."""
        pointer, *places = told
        if pointer != "like" or not isinstance(base := self._at(told["like"]), dict):
            raise BadReference("`like` names no object")
        return Draft(base), {parse(place): told[place] for place in places}

    def _at(self, pointer: str) -> Any:
        """The value that a pointer names."""
        match = _POINTER.fullmatch(pointer)
        if match is None or not 0 < int(match[1]) <= len(self._steps):
            raise BadReference(f"{pointer} is not at or before this step")
        return look_up(self._steps[int(match[1]) - 1], parse(match[2]))


def _word(value: Any) -> str | None:
    """Which of our words an object begins with."""
    first = next(iter(value), None) if type(value) is dict else None
    return first if first in WORDS else None


def _only(told: dict[str, Any], *keys: str) -> dict[str, Any]:
    if unknown := [key for key in told if key not in keys]:
        raise BadReference(f"`{keys[0]}` does not go with {', '.join(unknown)}")
    return told
