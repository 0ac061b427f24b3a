"""Recording: everything goes live, everything is seen."""

from __future__ import annotations

from typing import Any

from pytest_opswald.capture.handler import Note, ServerUse, ToolOutcome, ToolUse
from pytest_opswald.engine.ambiguous import ambiguous_notices
from pytest_opswald.engine.assembly import Assembly, Clock, Price
from pytest_opswald.engine.derived import undeclared_notices
from pytest_opswald.engine.redacting import without_secrets
from pytest_opswald.engine.result import Recording
from pytest_opswald.engine.scope import Scope
from pytest_opswald.engine.tape import Tape
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.trace.trace import Trace


class Recorder:
    """The handler of one recorded run."""

    def __init__(
        self, *, scope: Scope, clock: Clock, price: Price, secrets: Secrets | None = None
    ) -> None:
        self.tape = Tape()
        self.secrets = secrets or Secrets()
        self._scope = scope
        self._clock = clock
        self._price = price

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        return self._scope.takes(method, url, headers, in_process=in_process)

    def on_request(self, request: Request) -> Request | Response | Failure:
        self.secrets.see(request.headers)
        self.tape.request(request)
        return request

    def on_response(self, request: Request, response: Response | Failure) -> None:
        if isinstance(response, Response):
            self.secrets.see(response.headers)
        self.tape.response(request, response)

    def on_server(self, server: str, traffic: str) -> ServerUse:
        self._scope.leave(traffic)
        return "untouched" if self._scope.llm_only else "recorded"

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        self.tape.tool_call(use)
        return None

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        self.tape.tool_result(use, outcome)

    def on_note(self, note: Note) -> None:
        self.tape.note(note)

    def may_deliver(
        self, answer: Response | Failure | ToolOutcome, *, settled_for: float = 0.0
    ) -> bool:
        return True

    def warn(self, message: str) -> None:
        self.tape.warn(message)

    def trace(self) -> Trace:
        """What has happened so far."""
        seen = Assembly(self._clock, self._price).trace(self.tape.events)
        return self._without_secrets(seen)[0]

    def finish(self) -> Recording:
        """The whole run, with what its author should read."""
        assembly = Assembly(self._clock, self._price)
        seen = assembly.trace(self.tape.events)
        trace, redactor = self._without_secrets(seen)
        notices = (
            *self.tape.warnings,
            *assembly.unread,
            *undeclared_notices(trace),
            *ambiguous_notices(trace),
        )
        notices = tuple(map(redactor.text, notices))
        return Recording(trace, notices, redactor, self.tape.effects)

    def _without_secrets(self, seen: Trace) -> tuple[Trace, Redactor]:
        self.secrets.look_around()
        return without_secrets(seen, self.secrets, self.secrets.fresh())
