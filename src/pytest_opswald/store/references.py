"""Values told once: the words of the golden file, and what was told where."""

from __future__ import annotations

import json
from typing import Any

from .pointers import Place, spell

WORDS = frozenset({"same_as", "continues", "like", "run", "literal"})
"""First keys that mark what is not meant literally."""
SHORTEST = 80
"""Characters from which a repeated value is told as a reference; below, reviewers read it."""


class Told:
    """Encodes values of steps in order, remembering every long one."""

    def __init__(self) -> None:
        self.step = 0
        """Number of the step that is being told."""
        self._pointers: dict[str, str] = {}
        """By JSON text."""

    def value(self, value: Any, place: Place) -> Any:
        """Any JSON value: literally, or as a reference when it was told before."""
        if isinstance(value, str) and len(value) < SHORTEST - 2:
            return value
        if isinstance(value, str | dict | list):
            earlier = self.tell(value, place)
            return {"same_as": earlier} if earlier else self._literally(value, place)
        return value

    def tell(self, value: Any, place: Place) -> str | None:
        """Where a value was told before; None when it is now told at this place, or too short."""
        text = json.dumps(value)
        if len(text) < SHORTEST:
            return None
        here = self.pointer(place)
        earlier = self._pointers.setdefault(text, here)
        return earlier if earlier != here else None

    def tell_inside(self, value: Any, place: Place) -> None:
        """Remember a value that was told in pieces, and every object and array in it."""
        if isinstance(value, dict | list):
            self.tell(value, place)
            members = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in members:
                self.tell_inside(item, (*place, key))

    def pointer(self, place: Place) -> str:
        """A place of this step as later ones name it."""
        return f"{self.step}.{spell(place)}"

    def _literally(self, value: Any, place: Place) -> Any:
        if isinstance(value, list):
            return [self.value(item, (*place, index)) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return escaped({key: self.value(item, (*place, key)) for key, item in value.items()})
        return value


def escaped(value: dict[str, Any]) -> dict[str, Any]:
    """A user's object, marked as such when it would read as one of our words."""
    return {"literal": value} if next(iter(value), None) in WORDS else value
