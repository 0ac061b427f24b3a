"""HTTP exchanges told as what is new in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .conversations import Conversations, Texts
from .events import Events
from .patches import edits
from .pointers import Place, look_up, spell
from .references import SHORTEST, Told, escaped

_AT = ("http",)
_CONVERSATIONS = frozenset({"messages", "input", "contents"})
"""Request keys that grow within one kind of call; a wrong guess costs size, nothing else."""

Base = tuple[str, Any]
"""Something that others may be like: its pointer, and itself."""


class Exchanges:
    """Encodes the `http` of steps in order."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._lists: dict[str, Conversations] = {}
        self._events = Events(told)
        self._texts = Texts()
        self._outline: dict[str, Any] = {}
        """Of the exchange that is being told."""
        self._first: dict[str, Base] = {}
        """First exchange of each kind, as outlines."""

    def encode(self, http: dict[str, Any]) -> dict[str, Any]:
        """An exchange: what differs from the first of its kind."""
        outline = self._outline = self._outlined(http)
        base = self._base(outline)
        changed = [at for at, _ in edits(base[1], outline)] if base else [()]
        if base is None or () in changed:
            encoded = {key: self._part(value, (key,)) for key, value in http.items()}
        else:
            patch = {spell(at): self._part(look_up(http, at), at) for at in changed}
            encoded = {"like": base[0], **patch}
        self._told.tell_inside(http.get("body"), (*_AT, "body"))
        self._remember(outline)
        return encoded

    def _outlined(self, http: dict[str, Any]) -> dict[str, Any]:
        """The exchange with its lists as wholes: they are compared here, never patched."""
        outline = dict(http)
        if isinstance(request := http.get("request"), dict):
            outline["request"] = {
                key: self._texts.of(value) if isinstance(value, list) else value
                for key, value in request.items()
            }
        if "events" in http:
            outline["events"] = self._texts.of(http["events"])
        return outline

    def _base(self, outline: dict[str, Any]) -> Base | None:
        return next((self._first[kind] for kind in _kinds(outline) if kind in self._first), None)

    def _remember(self, outline: dict[str, Any]) -> None:
        for kind in _kinds(outline):
            self._first.setdefault(kind, (self._told.pointer(_AT), outline))
        request = outline.get("request")
        for key, value in request.items() if isinstance(request, dict) else ():
            if isinstance(value, tuple):
                self._lists.setdefault(key, Conversations()).add(value, self._told.step)

    def _part(self, value: Any, at: Place) -> Any:
        match at, value:
            case ("request",), dict():
                return escaped({key: self._part(item, (*at, key)) for key, item in value.items()})
            case ("request", str(key)), list():
                return self._continued(key, value, (*_AT, *at))
            case ("events",), list():
                return self._events.encode(value, (*_AT, *at))
        return self._told.value(value, (*_AT, *at))

    def _continued(self, key: str, items: list[Any], place: Place) -> Any:
        """A list: what it adds to the one it shares most with."""
        known = self._lists.get(key)
        told = self._outline["request"][key]
        shared = known.shared(told) if known else None
        if shared is None or sum(map(len, told[: shared.items])) < SHORTEST:
            return self._told.value(items, place)
        added = [
            self._told.value(item, (*place, index))
            for index, item in enumerate(items[shared.items :], start=shared.items)
        ]
        keep = {} if shared.whole else {"keep": shared.items}
        return {"continues": shared.step, **keep, **({"add": added} if added else {})}


def _kinds(outline: dict[str, Any]) -> Iterable[str]:
    """What it may be like, best first: the same agent's calls, then any to the same place."""
    request = outline.get("request")
    steady = (
        {key: value for key, value in request.items() if key not in _CONVERSATIONS}
        if isinstance(request, dict)
        else None
    )
    place = [list(outline), outline["format"], outline["url"], outline.get("status")]
    yield json.dumps([*place, steady])
    yield json.dumps(place)
