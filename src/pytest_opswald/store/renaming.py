"""What one stream says in place of an earlier one: its ids, its times, its text, its count.

A stream names its message in every event. Once one event has told the new name, those that follow
take it over from there, so that an event told as like one of an earlier stream says nothing at all
unless something else is new. Writer and reader learn alike, from what the file tells.
"""

from __future__ import annotations

from typing import Any

_TELLING_CHARACTERS = 8
_TELLING_NUMBER = 1_000_000
"""Below, equal values are equal by chance: an index, a count of tokens."""


class Renaming:
    """Names learnt within one stream."""

    def __init__(self) -> None:
        self._new: dict[tuple[type, Any], Any] = {}

    def learn(self, old: Any, new: Any) -> None:
        """Where the earlier stream says `old`, this one says `new`."""
        if type(old) is type(new) and _is_telling(old):
            self._new[type(old), old] = new

    def renamed(self, event: Any, *, was: int, now: int) -> Any:
        """The earlier stream's event number `was` as this stream's event number `now`."""
        if isinstance(event, dict):
            return {key: self.renamed(item, was=was, now=now) for key, item in event.items()}
        if isinstance(event, list):
            return [self.renamed(item, was=was, now=now) for item in event]
        if type(event) is int and event == was:
            return now
        return self._new.get((type(event), event), event)


def _is_telling(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) >= _TELLING_CHARACTERS
    return type(value) is int and value >= _TELLING_NUMBER
