"""What answers calls outside of a run, and those that come from a run which is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from pytest_opswald.errors import LeakedCall
from pytest_opswald.exchange import Failure, Request, Response

from .handler import Note, ServerUse, ToolOutcome, ToolUse


class Outside:
    """What such handlers have in common: no call is let through, and there is no trace to keep."""

    def on_response(self, request: Request, response: Response | Failure) -> None:
        """Nothing was let through."""

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        """It is no part of a trace."""

    def on_note(self, note: Note) -> None:
        """It is no part of a trace."""

    def may_deliver(
        self, answer: Response | Failure | ToolOutcome, *, settled_for: float = 0.0
    ) -> bool:
        return True

    def warn(self, message: str) -> None:
        """There is no run whose end could tell it."""


class Closed(Outside):
    """Refuses every call of a thread that outlived its test, and reports it."""

    def __init__(self, test: str, report: Callable[[str], None]) -> None:
        self._test = test
        self._report = report

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        return not in_process

    def on_request(self, request: Request) -> Request | Response | Failure:
        self._refuse(f"{request.method} {request.path}")

    def on_server(self, server: str, traffic: str) -> ServerUse:
        self._refuse(f"MCP server {server}")

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        self._refuse(f"tool {use.name}")

    def _refuse(self, call: str) -> NoReturn:
        message = (
            f"{self._test} left a thread behind that made a call after the test was over: {call}\n"
            "Join the thread, or await the task, before the test returns."
        )
        self._report(message)
        raise LeakedCall(message)
