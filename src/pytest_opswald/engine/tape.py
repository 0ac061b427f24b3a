"""What happened, in the order it began, as it was seen from any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_opswald.capture.handed import Handed, take
from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.engine.remote import stands_for
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.steps import Custom, LlmCall, ToolCall

RETRYABLE = frozenset({408, 409, 429})
"""Statuses below 500 after which SDKs send the same request again."""


@dataclass(slots=True, eq=False)
class HttpEvent:
    """One LLM call or other exchange, with the tries that failed before it."""

    request: Request
    """As the agent made it."""
    sent: Request
    """As it went out: changed on a modified replay."""
    started_ns: int
    thread: int
    handed: Handed | None = None
    """How `thread` came by this work, when that is the first thing it did of it."""
    answer: Response | Failure | None = None
    source: LlmCall | Custom | None = None
    """The golden's step that answered it; None when it went live."""
    is_as_recorded: bool = False
    """The request was that of `source`, to the letter."""
    refused: bool = False
    """The replay had no answer; `answer` says so to the agent."""
    tries: list[Response | Failure] = field(default_factory=list)

    @property
    def parent(self) -> object | None:
        return self.request.parent

    @property
    def began_ns(self) -> int:
        """When the agent set about it: when a thread was free for it is chance."""
        return self.handed.at_ns if self.handed else self.started_ns

    @property
    def busy_until_ns(self) -> int:
        """When its caller had the answer, all of it; others that begin before are concurrent."""
        if self.answer is None:
            return self.started_ns
        return max(self.answer.arrived_ns, self.answer.ended_ns)

    @property
    def failed(self) -> bool:
        """Whether a client would try again."""
        match self.answer:
            case Failure():
                return True
            case Response(status=status):
                return status in RETRYABLE or status >= 500
        return False


@dataclass(slots=True, eq=False)
class ToolEvent:
    """One call of a tool, declared or remote."""

    use: ToolUse
    started_ns: int
    thread: int
    handed: Handed | None = None
    """How `thread` came by this work, when that is the first thing it did of it."""
    outcome: ToolOutcome | None = None
    source: ToolCall | None = None
    """The golden's step whose result it got; None when there is none."""

    @property
    def parent(self) -> object | None:
        return self.use.parent

    @property
    def began_ns(self) -> int:
        """When the agent set about it: when a thread was free for it is chance."""
        return self.handed.at_ns if self.handed else self.started_ns

    @property
    def busy_until_ns(self) -> int:
        if self.outcome is None or self._is_generator:  # its reader works between the items
            return self.started_ns
        return self.outcome.ended_ns

    @property
    def _is_generator(self) -> bool:
        value = self.outcome and self.outcome.value
        return isinstance(value, dict) and value.get("$type") == "generator"


@dataclass(slots=True, eq=False)
class NoteEvent:
    """A step told by hand."""

    note: Note
    started_ns: int
    thread: int
    handed: Handed | None = None

    @property
    def parent(self) -> object | None:
        return self.note.parent

    @property
    def began_ns(self) -> int:
        return self.handed.at_ns if self.handed else self.started_ns

    @property
    def busy_until_ns(self) -> int:
        return self.started_ns


Event = HttpEvent | ToolEvent | NoteEvent


class Tape:
    """Events in the order they began. All methods may be called from any thread."""

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._by_call: dict[Request | ToolUse, Event] = {}
        self._failed: list[HttpEvent] = []
        self._warnings: dict[str, None] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        with self._lock:
            return tuple(self._events)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)

    @property
    def effects(self) -> dict[str, str]:
        """What declarations and servers say of the tools that were called, by name."""
        uses = [event.use for event in self.events if isinstance(event, ToolEvent)]
        return {use.name: use.held_effect for use in uses if use.held_effect}

    def has_tool(self, name: str) -> bool:
        """Whether a tool that an LLM knows by this name has been called, declared or remote."""
        uses = (event.use for event in self.events if isinstance(event, ToolEvent))
        return any(
            stands_for(name, use.name) if use.is_remote else use.name == name for use in uses
        )

    def request(self, request: Request) -> HttpEvent:
        """A request that was made; a retry joins its first try."""
        with self._lock:
            event = self._retried(request)
            if event is None:
                event = HttpEvent(request, request, *self._here())
                self._events.append(event)
            event.sent = request
            self._by_call[request] = event
            return event

    def resent(self, event: HttpEvent, sent: Request) -> None:
        """Another request goes out in its stead."""
        with self._lock:
            self._by_call[sent] = self._by_call.pop(event.sent)
            event.sent = sent

    def response(self, sent: Request, answer: Response | Failure) -> HttpEvent:
        with self._lock:
            event = self._by_call.pop(sent)
            assert isinstance(event, HttpEvent)
            event.answer = answer
            if event.failed:
                self._failed.append(event)
            return event

    def tool_call(self, use: ToolUse) -> ToolEvent:
        with self._lock:
            event = ToolEvent(use, *self._here())
            self._events.append(event)
            self._by_call[use] = event
            return event

    def tool_result(self, use: ToolUse, outcome: ToolOutcome) -> ToolEvent:
        with self._lock:
            event = self._by_call.pop(use)
            assert isinstance(event, ToolEvent)
            event.outcome = outcome
            return event

    def note(self, note: Note) -> None:
        with self._lock:
            self._events.append(NoteEvent(note, *self._here()))

    def warn(self, message: str) -> None:
        with self._lock:
            self._warnings[message] = None

    def _here(self) -> tuple[int, int, Handed | None]:
        """Now, this thread, and how it came by its work."""
        return self._now_ns(), threading.get_ident(), take()

    def _retried(self, request: Request) -> HttpEvent | None:
        """The failed call that this request repeats, made ready for another try."""
        for event in self._failed:
            if event.parent is request.parent and _alike(event.request, request):
                assert event.answer is not None
                self._failed.remove(event)
                event.tries.append(event.answer)
                event.answer = None
                return event
        return None


def _alike(one: Request, other: Request) -> bool:
    return (one.method, one.url, one.body) == (other.method, other.url, other.body)
