"""The seam between other people's libraries and the engine, and the one handler in force.

Adapters ask the handler before a call and tell it after; they hold sockets, threads and event
loops, the handler holds none. This module imports nothing but the standard library and our own
plain data, because production code reaches it through `@opswald.tool`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from weakref import WeakKeyDictionary, WeakSet

from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.effects import Effect, as_hint


@dataclass(frozen=True, slots=True, eq=False)
class ToolUse:
    """One call of a tool that is declared, or that an adapter saw; compared by identity."""

    name: str
    arguments: dict[str, Any]
    """Bound to the signature, defaults applied, encoded by `capture.codec`; no `self`."""
    parent: ToolUse | None = None
    started_ns: int = 0
    effect: Effect | None = None
    """`read`, `write`, ... as its declaration says; None when it doesn't."""
    is_remote: bool = False
    """Whether an MCP server does it: then `effect` is the server's word."""

    @property
    def held_effect(self) -> str | None:
        """The effect as a golden holds it."""
        return as_hint(self.effect) if self.effect and self.is_remote else self.effect


@dataclass(frozen=True, slots=True, eq=False)
class ToolOutcome:
    """What a tool gave back, encoded by `capture.codec`."""

    value: Any = None
    """Encoded return value.

    A generator is `{"$type": "generator", "items": [...]}` with `returned`, `closed` (its reader
    left early) and `async` where they apply; a coroutine that a plain function returned is
    `{"$type": "awaitable", "value": ...}`.
    """
    error: Any = None
    """Encoded exception, when it raised; then `value` holds at most a generator's items so far."""
    ended_ns: int = 0
    questions: tuple[tuple[str, Any], ...] = ()
    """What an MCP server asked of its client before: `sampling/createMessage` and parameters."""


@dataclass(frozen=True, slots=True)
class Note:
    """A step told by hand: a decision, handoff, guardrail, state change, custom step or response."""

    type: str
    input: Any = field(default_factory=dict)
    """A dictionary but for custom steps, which hold any JSON; so is `output`."""
    output: Any = field(default_factory=dict)
    name: str | None = None
    agent: str | None = None
    parent: ToolUse | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Detour:
    """Send another request, to another host even, and deliver what becomes of its answer."""

    request: Request
    """What the call is reported as, with the translated answer."""
    outgoing: Request
    back: Callable[[Response], Response]
    """Translates the whole answer, its body decoded; never raises."""


MCP = "MCP"
"""Method of what sessions ask MCP servers, which is an exchange like those over HTTP."""

ServerUse = Literal["recorded", "served", "untouched"]
"""What becomes of what is asked of an MCP server besides tool calls.

recorded: it is asked, and `on_request` is, too. served: `on_request` answers everything, so that
nobody need be there. untouched: it is asked, and that is its own affair.
"""


class Handler(Protocol):
    """What an adapter needs to know of a recording or a replay. Called from any thread."""

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        """Whether this request is ours at all; False lets it pass untouched and unread.

        `headers` is any case-insensitive mapping; `in_process` says that no socket is involved
        (ASGI, WSGI), where only a known LLM path is taken.
        """

    def on_request(self, request: Request) -> Request | Detour | Response | Failure:
        """Request: send that one and report with it. Response, Failure: this is the answer.

        A request to another host than the client's goes by the client's own way to that host.
        """

    def on_response(self, request: Request, response: Response | Failure) -> None:
        """The live call that `on_request` let through has ended (its body too)."""

    def on_server(self, server: str, traffic: str) -> ServerUse:
        """An MCP server is about to be connected to.

        `server` is what it is called in URLs (`mcp:<server>/tools/list`), `traffic` what those of
        its own HTTP traffic begin with, which its session stands for; empty for a child.
        """

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        """An outcome: do not run the tool. None: run it and report. May raise NoRecordedAnswer.

        An outcome with questions: ask these again, then report it.
        """

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        """The tool that was run has ended."""

    def on_note(self, note: Note) -> None:
        """A step told by hand."""

    def may_deliver(
        self, answer: Response | Failure | ToolOutcome, *, settled_for: float = 0.0
    ) -> bool:
        """Whether a served answer's turn has come; asked again until it has, so it must once.

        `settled_for`: seconds in which none of those it was in flight with has moved.
        """

    def warn(self, message: str) -> None:
        """Something the user should read at the end of the run; never raises into the agent."""


_active: Handler | None = None
"""Process-wide on purpose: agents hop between threads and event loops."""

_strays: WeakKeyDictionary[threading.Thread, Handler] = WeakKeyDictionary()
"""Threads that outlived the run they were started in, with what answers them now."""

_accounted: WeakSet[threading.Thread] = WeakSet()
"""Threads born while some handler was in force: they are none of a handler's around it."""

current_tool: ContextVar[ToolUse | None] = ContextVar("opswald_current_tool", default=None)
"""The tool use that the calling code runs in."""


def active() -> Handler | None:
    """The handler in force; None outside a run."""
    if _strays and (closed := _strays.get(threading.current_thread())):
        return closed
    return _active


@contextmanager
def activated(handler: Handler, *, afterwards: Handler | None = None) -> Iterator[None]:
    """Put one handler in force for a while.

    Threads started meanwhile that are still running at the end are answered by `afterwards`,
    so that their calls are not taken for those of the next run. Those that another handler was
    in force for are its own.
    """
    global _active
    before = set(threading.enumerate())
    previous, _active = _active, handler
    try:
        yield
    finally:
        _active = previous
        born = set(threading.enumerate()) - before - set(_accounted)
        _accounted.update(born)
        if afterwards:
            _strays.update({thread: afterwards for thread in born if _has_one_job(thread)})


def _has_one_job(thread: threading.Thread) -> bool:
    """Whether it runs one function to its end; pool workers and servers outlive runs rightly."""
    target = getattr(thread, "_target", None)
    return type(thread) is threading.Thread and getattr(target, "__module__", "") not in {
        "concurrent.futures.thread",
        "socketserver",
    }
