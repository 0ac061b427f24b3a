"""In which order the answers of calls that raced came in.

Of answers that came in at about the same time, the first is the one that the agent showed first:
to its next LLM call it tells them as it took note of them, one by one or all when the last was
there. That is what a replay has to bring about, and it is no chance.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pytest_opswald.engine.asked_for import echoes
from pytest_opswald.engine.batches import Batch, Call, Read
from pytest_opswald.engine.tape import Event, HttpEvent, ToolEvent
from pytest_opswald.trace.steps import Custom, LlmCall, Step
from pytest_opswald.trace.volatile import canonical

MOMENT_NS = 250_000_000
"""Answers that came in within this time of each other came in at the same time."""
_LEAST_LETTERS = 3
"""Of a text that can be told apart within another."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the agent showed of the order in which it took note of answers."""

    siblings: Sequence[Event]
    read: Read

    def arrived(self, calls: Sequence[Call], batches: Sequence[Batch]) -> list[Call]:
        """Calls that raced, in the order in which their answers came in."""
        order = sorted(calls, key=lambda call: call.busy_until_ns)
        for batch in batches:
            if places := self._places(batch):
                in_order = iter(_moment_by_moment(batch.events, places.__getitem__))
                order = [next(in_order) if call in places else call for call in order]
        return order

    def _places(self, batch: Batch) -> Mapping[Call, int] | None:
        """Of each answer in what the agent said next; None when that shows no order."""
        over = max(call.busy_until_ns for call in batch.events)
        later = (e for e in self.siblings if isinstance(e, HttpEvent) and e.started_ns >= over)
        step = next(map(self.read, later), None)
        places = (
            _echoed(batch.call_ids, step)
            or self._quoted(batch.events, _said(step))
            or (_are_alike(batch.events) and range(len(batch.events)))
        )
        return dict(zip(batch.events, places, strict=True)) if places else None

    def _quoted(self, calls: Sequence[Call], said: str) -> Sequence[int] | None:
        """Places of the answers by their texts, or by what was asked."""
        answers = [self._answer(call) for call in calls]
        asked = [call.use.arguments if isinstance(call, ToolEvent) else None for call in calls]
        for marks in (list(map(_forms, answers)), _own_texts(answers), _own_texts(asked)):
            if places := _apart([_span(said, each) for each in marks]):
                return places
        return None

    def _answer(self, call: Call) -> Any:
        """What a call gave the agent, as far as it can be quoted."""
        if isinstance(call, ToolEvent):
            return call.outcome and call.outcome.value
        step = self.read(call)
        return step.output.content if isinstance(step, LlmCall) else None


def _moment_by_moment(calls: Sequence[Call], place: Callable[[Call], int]) -> Iterator[Call]:
    moment: list[Call] = []
    for call in sorted(calls, key=lambda call: call.busy_until_ns):
        if moment and call.busy_until_ns - moment[-1].busy_until_ns >= MOMENT_NS:
            yield from sorted(moment, key=place)
            moment = []
        moment.append(call)
    yield from sorted(moment, key=place)


def _echoed(call_ids: Sequence[str | None], step: Step | None) -> Sequence[int] | None:
    """Places of the results by the ids of their calls."""
    if not isinstance(step, LlmCall):
        return None
    places = {echo.call_id: place for place, echo in enumerate(echoes(step))}
    found = [places[call_id] for call_id in call_ids if call_id and call_id in places]
    return found if len(found) == len(call_ids) else None


def _are_alike(calls: Sequence[Call]) -> bool:
    """Whether their results tell nobody which of them came first."""
    outcomes = [call.outcome for call in calls if isinstance(call, ToolEvent)]
    told = {canonical([o.value, o.error]) for o in outcomes if o}
    return len(told) == 1


def _said(step: Step | None) -> str:
    http = step.http if isinstance(step, LlmCall | Custom) else None
    return "\n".join(_texts(http.request)) if http else ""


def _own_texts(values: Sequence[Any]) -> list[list[str]]:
    """The texts in each value that are in none of the others."""
    counted = Counter(text for value in values for text in set(_texts(value)))
    return [[text for text in _texts(value) if counted[text] == 1] for value in values]


def _apart(spans: Sequence[tuple[int, int] | None]) -> Sequence[int] | None:
    """Where spans begin, when there are all of them and no two lie across each other."""
    found = [span for span in spans if span]
    in_order = sorted(found)
    if len(found) < len(spans) or any(a[1] >= b[0] for a, b in pairwise(in_order)):
        return None
    return [first for first, _ in found]


def _span(said: str, forms: Iterable[str]) -> tuple[int, int] | None:
    """The first and the last place where a text has one of these; None when it has none."""
    found = [form for form in forms if len(form) >= _LEAST_LETTERS and form in said]
    if not found:
        return None
    return min(map(said.find, found)), max(map(said.rfind, found))


def _forms(value: Any) -> list[str]:
    """How a value may be written in a text."""
    if isinstance(value, str):
        return [value]
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return [json.dumps(value), json.dumps(value, ensure_ascii=False), compact, repr(value)]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
