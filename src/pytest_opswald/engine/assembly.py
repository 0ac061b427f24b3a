"""From what was seen to the steps of a trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pytest_opswald.capture.handler import MCP, ToolOutcome, ToolUse
from pytest_opswald.engine.derived import with_derived_steps
from pytest_opswald.engine.notes import step_of
from pytest_opswald.engine.order import Placed, placed
from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.trace.steps import (
    Custom,
    HttpRecord,
    LlmCall,
    Step,
    StepError,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.records import asked_in, read, to_attempt, to_record

Price = Callable[[LlmCall], float | None]
"""USD of a live LLM call, None when unknown."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Ties the monotonic clock of events to the calendar."""

    started_at: datetime
    started_ns: int

    def time(self, ns: int) -> datetime:
        return self.started_at + timedelta(microseconds=(ns - self.started_ns) / 1000)


@dataclass(slots=True)
class Assembly:
    """Builds one trace; `unread` collects what could only be kept at HTTP level."""

    clock: Clock
    price: Price
    unread: list[str] = field(default_factory=list)
    _exchanges: dict[HttpEvent, Step] = field(default_factory=dict)
    _groups: int = 0
    _spans: int = 0

    def trace(self, events: Sequence[Event]) -> Trace:
        """The trace of everything that has ended."""
        children: dict[object | None, list[Event]] = defaultdict(list)
        for event in events:
            if not _is_open(event):
                children[event.parent].append(event)
        steps = list(self._steps(children, None, None))
        return Trace.of(with_derived_steps(steps))

    def _steps(
        self, children: dict[object | None, list[Event]], of: ToolEvent | None, span: str | None
    ) -> Iterator[Step]:
        offset = self._groups
        order = placed(children[of and of.use], self._exchange, within=of)
        self._groups += len({place.group for place in order} - {None})
        for place in order:
            extra = self._shared(place, offset, span)
            match place.event:
                case HttpEvent() as event:
                    yield self._exchange(event).model_copy(update=extra)
                case ToolEvent() as event:
                    yield from self._tool(event, extra, children)
                case NoteEvent(note=note):
                    extra.pop("duration_ms")
                    yield step_of(note, extra)

    def _shared(self, place: Placed, offset: int, span: str | None) -> dict[str, Any]:
        event = place.event
        extra: dict[str, Any] = {
            "timestamp": self.clock.time(event.started_ns),
            "duration_ms": _duration_ms(event),
            "parent_span_id": span,
        }
        if place.group is not None:
            extra |= {"group": offset + place.group + 1, "arrival": place.arrival}
        return extra

    def _tool(
        self, event: ToolEvent, extra: dict[str, Any], children: dict[object | None, list[Event]]
    ) -> Iterator[Step]:
        use, outcome = event.use, event.outcome
        assert outcome is not None
        has_inside = not _is_leaf(use, children)
        if has_inside:
            self._spans += 1
            extra["span_id"] = f"span_{self._spans}"
        asked = ToolInput(tool=use.name, arguments=use.arguments)
        yield ToolCall(input=asked, remote=use.is_remote, **extra)
        if has_inside:
            yield from self._steps(children, event, extra["span_id"])
        error = _tool_error(outcome.error) if outcome.error is not None else _told_error(event)
        yield ToolResult(
            input=ToolResultInput(tool=use.name),
            output=ToolOutput(result=outcome.value, error=outcome.error),
            parent_span_id=extra["parent_span_id"],
            status="error" if error else "ok",
            error=error,
        )

    def _exchange(self, event: HttpEvent) -> Step:
        if event not in self._exchanges:
            self._exchanges[event] = self._step_of(event)
        return self._exchanges[event]

    def _step_of(self, event: HttpEvent) -> Step:
        assert event.answer is not None
        if event.source and event.request is event.sent and not event.tries:
            return self._served(event.source, event)
        attempts = tuple(to_attempt(answer) for answer in event.tries)
        return self._read(to_record(event.sent, event.answer, attempts), event)

    def _served(self, source: LlmCall | Custom, event: HttpEvent) -> Step:
        """An answer of the golden: its response is known, only the request may differ."""
        assert source.http is not None
        asked = {} if event.is_as_recorded else asked_in(event.sent)
        if all(getattr(source.http, name) == value for name, value in asked.items()):
            return source.model_copy(update={"group": None, "arrival": None})
        return self._read(source.http.model_copy(update=asked), event)

    def _read(self, record: HttpRecord, event: HttpEvent) -> Step:
        try:
            reading = read(record)
        except ValueError as problem:
            return self._unread(record, str(problem), event)
        failed = reading.error is not None
        call = LlmCall(
            input=reading.input,
            output=reading.output,
            tokens=reading.tokens,
            http=record,
            status="error" if failed else "ok",
            error=reading.error,
        )
        cost = event.source.cost if event.source else self.price(call)
        return call if cost is None else call.model_copy(update={"cost": cost})

    def _unread(self, record: HttpRecord, problem: str, event: HttpEvent) -> Custom:
        if not event.source and not event.refused and record.method != MCP:
            self.unread.append(
                f"{record.method} {record.url} is kept as plain HTTP, not as an LLM call: {problem}"
            )
        failed = record.failure is not None or record.status >= 400
        error = record.failure or StepError(type="http_error", message=f"HTTP {record.status}")
        plain = record.model_copy(update={"format": "http"})
        return Custom(
            name=f"{record.method} {event.request.path}",
            http=plain,
            status="error" if failed else "ok",
            error=error if failed else None,
        )


def _is_open(event: Event) -> bool:
    match event:
        case HttpEvent(answer=None) | ToolEvent(outcome=None):
            return True
    return False


def _is_leaf(use: ToolUse, children: Mapping[object | None, Sequence[Event]]) -> bool:
    """What a tool asks others for is its own affair, unless LLM calls or other steps come with it."""
    return all(_is_plumbing(child, children) for child in children.get(use, ()))


def _is_plumbing(event: Event, children: Mapping[object | None, Sequence[Event]]) -> bool:
    from pytest_opswald.engine.scope import is_llm

    match event:
        case HttpEvent(request=request):
            return not is_llm(request.method, request.url)
        case ToolEvent(use=use):
            return use.is_remote and _is_leaf(use, children)
    return False


def _duration_ms(event: Event) -> float | None:
    match event:
        case HttpEvent(answer=answer) if answer and answer.ended_ns:
            return round((answer.ended_ns - event.started_ns) / 1e6, 3)
        case ToolEvent(outcome=outcome) if outcome and outcome.ended_ns:
            return round((outcome.ended_ns - event.started_ns) / 1e6, 3)
    return None


def _tool_error(encoded: Any) -> StepError:
    """What an encoded exception says of itself."""
    if not isinstance(encoded, dict):
        return StepError(type="tool_error", message=str(encoded))
    kind = str(encoded.get("of", encoded.get("class", "tool_error")))
    return StepError(
        type=kind.rpartition(":")[2].rpartition(".")[2] or kind,
        message=str(encoded.get("message", encoded.get("args", ""))),
    )


def _told_error(event: ToolEvent) -> StepError | None:
    """What an MCP server says in the result of a call that failed."""
    match event:
        case ToolEvent(
            use=ToolUse(is_remote=True),
            outcome=ToolOutcome(value={"isError": True, "content": [*blocks]}),
        ):
            texts = [block["text"] for block in blocks if block.get("type") == "text"]
            return StepError(type="tool_error", message="\n".join(texts))
    return None
