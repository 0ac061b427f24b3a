"""References looked up, in place and in order.

The parsed document is the one being built: a reference is replaced as soon as it is met, so what
stands before it, in its own step too, is already whole when it is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .pointers import Place, look_up, parse, shorten
from .references import WORDS

_POINTER = re.compile(r"(\d+)\.(.+)", re.DOTALL)


class BadReference(ValueError):
    """A step points to something that is not there, or is told in a way that makes no sense."""


class Resolver:
    """The steps decoded so far, and what refers to them."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        """The last one is being decoded."""

    def settle(self, parent: Any, key: Any) -> None:
        """Resolve every reference in the value at `key`."""
        value = parent[key]
        if type(value) is not dict and type(value) is not list:
            return
        match word(value):
            case "literal":
                value = parent[key] = only(value, "literal")["literal"]
            case "same_as":
                parent[key] = self._said(only(value, "same_as")["same_as"], value, parent)
                return
            case str(other):
                raise BadReference(f"`{other}` has no meaning here")
        members = value.items() if type(value) is dict else enumerate(value)
        for inner, item in members:
            if type(item) is dict or type(item) is list:
                self.settle(value, inner)

    def _said(self, pointer: str, told: Any, parent: Any) -> Any:
        """The value that a reference stands for; not one that it is a part of."""
        number, place = self.target(pointer)
        value = look_up(self.steps[number - 1], place)
        if number == len(self.steps) and (
            value is told or any(part is parent for part in _containers(value))
        ):
            raise BadReference(f"{shorten(pointer)} refers to itself")
        return value

    def at(self, pointer: str) -> Any:
        """The value that a pointer names."""
        number, place = self.target(pointer)
        return look_up(self.steps[number - 1], place)

    def target(self, pointer: str) -> tuple[int, Place]:
        """The step and place that a pointer names."""
        match = _POINTER.fullmatch(pointer)
        if match is None or not 0 < int(match[1]) <= len(self.steps):
            raise BadReference(f"{shorten(pointer)} is not at or before this step")
        return int(match[1]), parse(match[2])


def _containers(value: Any) -> Iterator[Any]:
    """A value and what it holds, as far as they hold something."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if type(value) is dict or type(value) is list:
            yield value
            waiting.extend(value.values() if type(value) is dict else value)


def word(value: Any) -> str | None:
    """Which of our words an object begins with."""
    first = next(iter(value), None) if type(value) is dict else None
    return first if first in WORDS else None


def only(told: Any, *keys: str) -> dict[str, Any]:
    """The object, which must have no other keys."""
    if unknown := [key for key in told if key not in keys]:
        raise BadReference(f"`{keys[0]}` does not go with {', '.join(unknown)}")
    return dict(told)


def patch_of(told: dict[str, Any]) -> tuple[str, dict[Place, Any]]:
    """The pointer of a `like`, and what differs from there."""
    first, *places = told
    if first != "like":
        raise BadReference(f"`{first}` has no meaning here")
    return told["like"], {parse(place): told[place] for place in places}
