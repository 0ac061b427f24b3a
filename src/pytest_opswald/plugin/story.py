"""What a test can say about its run, and read of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Protocol

from pytest_opswald.capture import notes, tools, watching
from pytest_opswald.report import outline
from pytest_opswald.trace.trace import Trace


class Traced(Protocol):
    def trace(self) -> Trace: ...


class Story:
    """Value of the `opswald` fixture.

    The functions that tell a step are those of the package, so that a test and the agent it
    tests speak alike.
    """

    tool = staticmethod(tools.tool)
    respond = staticmethod(notes.respond)
    decision = staticmethod(notes.decision)
    handoff = staticmethod(notes.handoff)
    guardrail = staticmethod(notes.guardrail)
    state = staticmethod(notes.state)
    step = staticmethod(notes.step)

    def __init__(self, engine: Traced, undo: ExitStack) -> None:
        self._engine = engine
        self._undo = undo

    def watch(self, owner: Any, *names: str) -> None:
        """Treat functions of a module, class or object as tools until the test ends."""
        for name in names:
            self._undo.enter_context(watching.watch(owner, name))

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self._engine.trace()

    @property
    def trajectory(self) -> str:
        """A readable outline, one line a step; the same for equal runs: made for snapshots."""
        return outline.trajectory(self.trace)

    @property
    def outcome(self) -> Any:
        """How it ended: status, final message, structured output; made for snapshots."""
        return outline.outcome(self.trace)
