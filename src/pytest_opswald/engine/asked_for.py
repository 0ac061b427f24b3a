"""Tool calls that LLMs asked for, until they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pytest_opswald.engine.remote import stands_for
from pytest_opswald.trace.steps import LlmCall, ToolRequest
from pytest_opswald.trace.volatile import canonical
from pytest_opswald.wire.base import ToolEcho
from pytest_opswald.wire.registry import by_name

T = TypeVar("T")

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class AskedFor(Generic[T]):
    """A tool call that an LLM asked for and nobody has made yet."""

    request: ToolRequest
    by: T
    """The LLM call."""
    place: int
    """Among those that its answer asks for, from 0."""


class OpenCalls(Generic[T]):
    """What was asked for and is still to be made, oldest first."""

    def __init__(self) -> None:
        self._open: list[AskedFor[T]] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, requests: Sequence[ToolRequest], by: T) -> None:
        self._open += [AskedFor(request, by, place) for place, request in enumerate(requests)]

    def made(
        self, tool: str, arguments: dict[str, Any], *, remote: bool = False
    ) -> AskedFor[T] | None:
        """The call that was made so, else the likest of that tool: code may change arguments."""
        if fitting := self.just(tool, arguments, remote=remote):
            return fitting
        words, of_it = _words(arguments), self._of(tool, remote)
        shared = {asked: len(words & _words(asked.request.arguments)) for asked in of_it}
        return self._first(iter(sorted(shared, key=shared.__getitem__, reverse=True)))

    def just(
        self, tool: str, arguments: dict[str, Any], *, remote: bool = False
    ) -> AskedFor[T] | None:
        """The call that was asked for with these arguments, defaults aside."""
        fitting = (a for a in self._of(tool, remote) if _fits(a.request.arguments, arguments))
        return self._first(fitting)

    def answered(self, call_id: str | None) -> AskedFor[T] | None:
        """The call whose result goes back to the LLM."""
        return self._first(a for a in self._open if a.request.id and a.request.id == call_id)

    def _of(self, tool: str, remote: bool) -> list[AskedFor[T]]:
        named = [asked for asked in self._open if asked.request.function == tool]
        if named or not remote:
            return named
        return [asked for asked in self._open if stands_for(asked.request.function, tool)]

    def _first(self, found: Iterator[AskedFor[T]]) -> AskedFor[T] | None:
        asked = next(found, None)
        if asked:
            self._open.remove(asked)
        return asked


def _fits(asked: Any, bound: dict[str, Any]) -> bool:
    return isinstance(asked, dict) and all(
        key in bound and bound[key] == value for key, value in asked.items()
    )


def _words(arguments: Any) -> set[str]:
    return set(_WORD.findall(canonical(arguments)))


def echoes(call: LlmCall) -> Sequence[ToolEcho]:
    """Tool results that a request carries back, in its order."""
    if call.http is None:
        return [
            ToolEcho(message.tool_call_id, message.content)
            for message in call.input.messages
            if message.tool_call_id
        ]
    return by_name(call.http.format).tool_echoes(call.http.request)
