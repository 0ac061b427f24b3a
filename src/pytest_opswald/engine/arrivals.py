"""In which order the answers of calls that raced came in.

Of answers that came in at about the same time, the first is the one that the agent showed first:
to an LLM or a tool, in a note or in what it answers it tells them as it took note of them, one by
one or all when the last was there. That is what a replay has to bring about, and it is no chance.
Where nothing later shows anything of them, they came in as they stand in the file: which of them
was there first is then chance and nothing else, and recording it would change the file each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pytest_opswald.capture.calls import ABANDONED
from pytest_opswald.engine.asked_for import echoes
from pytest_opswald.engine.batches import Batch, Call, Read
from pytest_opswald.engine.quotes import (
    forms,
    joined,
    own_texts,
    parsed,
    places_in,
    telling_words,
    words,
)
from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.exchange import Failure, Response
from pytest_opswald.trace.steps import Custom, HttpRecord, LlmCall, LlmOutput, Step

MOMENT_NS = 250_000_000
"""Answers that came in within this time of each other came in at the same time."""
_MOST_LATER = 100
"""Events that are looked through for answers: what an agent takes note of it shows soon."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the agent showed of the order in which it took note of answers."""

    siblings: Sequence[Event]
    """In the order they began."""
    read: Read
    within: ToolEvent | None = None
    """The tool that did all this; what it gave back shows something, too."""
    _texts: dict[Event, str] = field(default_factory=dict)
    _words: dict[str, set[str]] = field(default_factory=dict)

    def arrived(self, calls: Sequence[Call], batches: Sequence[Batch]) -> list[Call]:
        """Calls that raced, in the order in which their answers came in."""
        order = sorted(calls, key=lambda call: call.busy_until_ns)
        for batch in batches:
            if places := self._places(batch):
                in_order = iter(_moment_by_moment(batch.events, places.__getitem__))
                order = [next(in_order) if call in places else call for call in order]
        return order

    def _places(self, batch: Batch) -> Mapping[Call, Any] | None:
        """Of each answer in what the agent told later; None when that is no clear order."""
        later = list(islice(self._later(batch.events), _MOST_LATER))
        places = self._echoed(batch.call_ids, later) or self._quoted(batch.events, later)
        return dict(zip(batch.events, places, strict=True)) if places else None

    def _later(self, calls: Sequence[Call]) -> Iterator[Event]:
        """What began when one of the answers was there."""
        first = min(call.busy_until_ns for call in calls)
        return (e for e in self.siblings if e.started_ns >= first and e not in calls)

    def _echoed(
        self, call_ids: Sequence[str | None], later: Sequence[Event]
    ) -> Sequence[int] | None:
        """Places of the results by the ids of their calls."""
        if None in call_ids:
            return None
        steps = (self.read(event) for event in later if isinstance(event, HttpEvent))
        return next(filter(None, (_echoed(call_ids, step) for step in steps)), None)

    def _quoted(self, calls: Sequence[Call], later: Sequence[Event]) -> Sequence[Any] | None:
        """Places of the answers by their texts, or by what was asked."""
        said = [*map(self._said, later)]
        if self.within and self.within.outcome:
            said.append(joined(self.within.outcome.value))
        answers = [self._answer(call) for call in calls]
        asked = [self._asked(call) for call in calls]
        own = own_texts(list(map(parsed, answers)))
        for marks in (list(map(forms, answers)), own, own_texts(asked)):
            if places := places_in(said, marks):
                return places
        telling = telling_words([*zip(asked, answers, strict=True)])
        is_open = any(map(_is_given_up, calls)) or any(telling & self._words_in(it) for it in said)
        return None if is_open else range(len(calls))

    def _answer(self, call: Call) -> Any:
        """What a call gave the agent, as far as it can be quoted."""
        if isinstance(call, ToolEvent):
            return call.outcome and call.outcome.value
        match self.read(call):
            case LlmCall(output=LlmOutput(content=content, tool_calls=asked)):
                return content or [request.arguments for request in asked]
            case Custom(http=HttpRecord(body=body, text=text)):
                return text if body is None else body
        return None

    def _asked(self, event: Event) -> Any:
        """What the agent told when it made a call or a note."""
        match event:
            case HttpEvent():
                return _request(self.read(event))
            case ToolEvent(use=use):
                return use.arguments
            case NoteEvent(note=note):
                return [note.input, note.output]

    def _said(self, event: Event) -> str:
        if event not in self._texts:
            self._texts[event] = joined(self._asked(event))
        return self._texts[event]

    def _words_in(self, text: str) -> set[str]:
        if text not in self._words:
            self._words[text] = words(text)
        return self._words[text]


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


def _is_given_up(call: Call) -> bool:
    """Whether the agent went on without the answer: then it matters who was there before."""
    if isinstance(call, ToolEvent):
        return False
    match call.answer:
        case Failure(kind=kind):
            return kind == ABANDONED
        case Response(ended=how):
            return how == "aborted"
    return False


def _request(step: Step) -> Any:
    """What was asked, without the name of the model and other settings."""
    http = step.http if isinstance(step, LlmCall | Custom) else None
    request = http and http.request
    if not isinstance(request, dict):
        return request
    told = {key: value for key, value in request.items() if key != "model"}
    return [value for value in told.values() if isinstance(value, str | dict | list)]
