"""Recorded tool results, found by tool, arguments and occurrence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_opswald.capture.handler import ToolOutcome
from pytest_opswald.engine.index import Index
from pytest_opswald.trace.steps import Step, ToolCall, ToolInput, ToolResult
from pytest_opswald.trace.volatile import canonical, normalise


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """A tool call with its result."""

    call: ToolCall
    result: ToolResult

    @property
    def is_composite(self) -> bool:
        """Whether LLM calls or other tools ran inside it: then it is run, its leaves are served."""
        return self.call.span_id is not None

    @property
    def outcome(self) -> ToolOutcome:
        return ToolOutcome(value=self.result.output.result, error=self.result.output.error)


class ToolCache:
    """The declared tool calls of a golden, and which of them have been given out."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._calls = list(_calls(steps))
        inputs = [recorded.call.input for recorded in self._calls]
        self._exact = Index(inputs, lambda asked: canonical([asked.tool, asked.arguments]))
        self._loose = Index(
            inputs, lambda asked: canonical(normalise([asked.tool, asked.arguments]))
        )
        self._given: set[int] = set()

    def equal(self, asked: ToolInput) -> RecordedCall | None:
        """The first free call with these arguments, if need be up to volatile values."""
        for index in (self._exact, self._loose):
            for place in index.places(asked):
                if place not in self._given:
                    return self._give(place)
        return None

    def aligned(self, asked: ToolInput) -> RecordedCall | None:
        """The free call of this tool whose arguments share most; the earliest of equals."""
        free = [
            place
            for place, recorded in enumerate(self._calls)
            if place not in self._given and recorded.call.input.tool == asked.tool
        ]
        best = max(free, key=lambda place: _shared(self._calls[place], asked), default=None)
        return None if best is None else self._give(best)

    def nearest(self, asked: ToolInput, count: int = 3) -> list[tuple[RecordedCall, bool]]:
        """Recorded calls by likeness, same tool first, with whether they were given out."""
        ranked = sorted(
            range(len(self._calls)),
            key=lambda place: (
                self._calls[place].call.input.tool != asked.tool,
                -_shared(self._calls[place], asked),
            ),
        )
        return [(self._calls[place], place in self._given) for place in ranked[:count]]

    def _give(self, place: int) -> RecordedCall:
        self._given.add(place)
        return self._calls[place]


def _calls(steps: Iterable[Step]) -> Iterable[RecordedCall]:
    """Calls with their results; calls nest, so a result closes the innermost open call."""
    open_calls: list[ToolCall] = []
    found: list[RecordedCall] = []
    for step in steps:
        match step:
            case ToolCall(declared=True):
                open_calls.append(step)
            case ToolResult(declared=True) if open_calls:
                found.append(RecordedCall(open_calls.pop(), step))
    return sorted(found, key=lambda recorded: recorded.call.step_number)


def _shared(recorded: RecordedCall, asked: ToolInput) -> int:
    theirs = recorded.call.input.arguments
    return sum(key in theirs and theirs[key] == value for key, value in asked.arguments.items())
