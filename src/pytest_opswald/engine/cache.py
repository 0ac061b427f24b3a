"""Recorded tool results, found by tool, arguments and occurrence over all accepted runs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_opswald.capture.handler import ToolOutcome
from pytest_opswald.engine.index import Index
from pytest_opswald.trace.effects import QUESTIONS
from pytest_opswald.trace.steps import Step, ToolCall, ToolInput, ToolResult
from pytest_opswald.trace.structural import is_empty, is_text, same_plain, same_structure
from pytest_opswald.trace.volatile import canonical, normalise

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """A tool call with its result."""

    call: ToolCall
    result: ToolResult
    run: int = 0
    """0 for the golden's own run, then its variants in order."""
    inside: tuple[Step, ...] = ()
    """The steps that ran directly in it."""

    @property
    def is_composite(self) -> bool:
        """Whether LLM calls or other tools ran inside it: then it is run, its leaves are served."""
        return self.call.span_id is not None and not self._has_asked_only

    @property
    def outcome(self) -> ToolOutcome:
        output = self.result.output
        asked = (step.input for step in self.inside if isinstance(step, ToolCall))
        questions = tuple((question.tool, question.arguments) for question in asked)
        return ToolOutcome(value=output.result, error=output.error, questions=questions)

    @property
    def _has_asked_only(self) -> bool:
        """Whether it is a server's, which did nothing here but ask the client."""
        return self.call.remote and all(
            isinstance(step, ToolCall | ToolResult) and step.input.tool in QUESTIONS
            for step in self.inside
        )


class ToolCache:
    """The tool calls of a golden and its variants, and which of them have been given out."""

    def __init__(
        self, *runs: Iterable[Step], having: Callable[[ToolCall], bool] = lambda call: call.declared
    ) -> None:
        self._calls = [
            recorded
            for number, steps in enumerate(runs)
            for recorded in _calls(steps, number, having)
        ]
        inputs = [recorded.call.input for recorded in self._calls]
        self._exact = Index(inputs, lambda asked: canonical([asked.tool, asked.arguments]))
        self._loose = Index(
            inputs, lambda asked: canonical(normalise([asked.tool, asked.arguments]))
        )
        self._given: set[int] = set()

    def equal(self, asked: ToolInput, *, run: int = 0) -> RecordedCall | None:
        """The next call with these arguments, if need be up to volatile values.

        Asking for the second time means the second occurrence, in whichever run there is one;
        `run` is looked at first.
        """
        for index in (self._exact, self._loose):
            if places := self._next(index.free(asked, self._given)):
                self._given.update(places)
                return self._calls[min(places, key=lambda p: (self._calls[p].run != run, p))]
        return None

    def aligned(self, asked: ToolInput) -> RecordedCall | None:
        """The free call of this tool whose arguments share most; the earliest of equals."""
        free = [place for place in self._of(asked.tool) if place not in self._given]
        best = max(free, key=lambda place: _shared(self._calls[place], asked), default=None)
        return None if best is None else self._give(best)

    def structural(self, asked: ToolInput) -> RecordedCall | None:
        """The call that differs in free text only, given out already or not.

        None when nothing of a text agrees, or when several answer it equally well.
        """
        fitting = [place for place in self._of(asked.tool) if self._fits(place, asked)]
        return self._likest(fitting, asked)

    def again(self, asked: ToolInput) -> RecordedCall | None:
        """A call with these arguments that was given out already."""
        wanted = canonical(normalise(asked.arguments))
        calls = (self._calls[place] for place in reversed(self._of(asked.tool)))
        said = ((call, canonical(normalise(call.call.input.arguments))) for call in calls)
        return next((call for call, arguments in said if arguments == wanted), None)

    def most_alike(self, asked: ToolInput) -> RecordedCall | None:
        """The call of this tool that is most like it, whatever differs."""
        places = self._of(asked.tool)
        rank = self._ranking(asked)
        return self._give(max(places, key=rank)) if places else None

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

    def _next(self, places: Iterable[int]) -> list[int]:
        """The first of these places in each run."""
        first: dict[int, int] = {}
        for place in places:
            first.setdefault(self._calls[place].run, place)
        return list(first.values())

    def _of(self, tool: str) -> list[int]:
        return [p for p, recorded in enumerate(self._calls) if recorded.call.input.tool == tool]

    def _fits(self, place: int, asked: ToolInput) -> bool:
        theirs = self._calls[place].call.input.arguments
        return same_structure(theirs, asked.arguments) and all(
            _common(theirs.get(name), value) > 0
            for name, value in asked.arguments.items()
            if is_text(value) and is_text(theirs.get(name))
        )

    def _likest(self, places: Sequence[int], asked: ToolInput) -> RecordedCall | None:
        if not places:
            return None
        likeness = {p: _likeness(self._calls[p].call.input.arguments, asked) for p in places}
        most = max(likeness.values())
        best = [place for place in places if likeness[place] == most]
        if len({canonical(normalise(self._calls[p].call.input.arguments)) for p in best}) > 1:
            return None
        return self._give(max(best, key=self._ranking(asked)))

    def _ranking(self, asked: ToolInput) -> Callable[[int], tuple[float, bool, int]]:
        """Likeness first: a call that was given out is still a better answer than a wrong one."""

        def rank(place: int) -> tuple[float, bool, int]:
            likeness = _likeness(self._calls[place].call.input.arguments, asked)
            return likeness, place not in self._given, -place

        return rank

    def _give(self, place: int) -> RecordedCall:
        self._given.add(place)
        return self._calls[place]


def _calls(
    steps: Iterable[Step], run: int, having: Callable[[ToolCall], bool]
) -> Iterable[RecordedCall]:
    """Calls with their results; calls nest, so a result closes the innermost open call."""
    open_calls: list[ToolCall] = []
    found: list[RecordedCall] = []
    inside: dict[str | None, list[Step]] = defaultdict(list)
    for step in steps:
        inside[step.parent_span_id].append(step)
        match step:
            case ToolCall() if having(step):
                open_calls.append(step)
            case ToolResult() if open_calls and step.declared == open_calls[-1].declared:
                call = open_calls.pop()
                within = tuple(inside[call.span_id]) if call.span_id else ()
                found.append(RecordedCall(call, step, run, within))
    return sorted(found, key=lambda recorded: recorded.call.step_number)


def _shared(recorded: RecordedCall, asked: ToolInput) -> int:
    theirs = recorded.call.input.arguments
    return sum(key in theirs and theirs[key] == value for key, value in asked.arguments.items())


def _likeness(theirs: dict[str, Any], asked: ToolInput) -> float:
    names = dict.fromkeys((*theirs, *asked.arguments))
    return sum(_common(theirs.get(name), asked.arguments.get(name)) for name in names)


def _common(one: Any, other: Any) -> float:
    """1 for values that mean the same, else the share of words in common."""
    if same_plain(one, other) or (is_empty(one) and is_empty(other)):
        return 1.0
    mine, theirs = _words(one), _words(other)
    return (mine & theirs).total() / max((mine | theirs).total(), 1)


def _words(value: Any) -> Counter[str]:
    return Counter(_WORD.findall(canonical(value).casefold()))
