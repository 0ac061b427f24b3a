"""What answers calls around a run that no golden could hold: an LLM is never asked unnoticed."""

from __future__ import annotations

import threading
from typing import Any

from pytest_opswald.capture.closed import Outside
from pytest_opswald.capture.handler import ServerUse, ToolOutcome, ToolUse
from pytest_opswald.engine import misses
from pytest_opswald.engine.result import Finding
from pytest_opswald.engine.scope import Scope
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.reasons import Reason


class Refusing(Outside):
    """Refuses LLM calls, and keeps what there is to say of them; agents may swallow a refusal.

    `why` follows the call in the message; its further lines say what to do. Other traffic is let
    through; so are tools, unless they are refused as well.
    """

    def __init__(self, why: str, *, tools: bool = False) -> None:
        self._why, *self._detail = why.splitlines()
        self._tools = tools
        self._scope = Scope(llm_only=True)
        self._lock = threading.Lock()
        self._refused: list[str] = []

    def refused(self) -> tuple[str, ...]:
        """What was refused since this was last asked."""
        with self._lock:
            told, self._refused = tuple(dict.fromkeys(self._refused)), []
        return told

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        return self._scope.takes(method, url, headers, in_process=in_process)

    def on_request(self, request: Request) -> Request | Response | Failure:
        return misses.refusal(self._finding(f"{request.method} {request.path}"))

    def on_server(self, server: str, traffic: str) -> ServerUse:
        return "untouched"

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        if not self._tools:
            return None
        finding = self._finding(f"tool {use.name}")
        raise NoRecordedAnswer("\n".join((finding.message, *finding.detail)))

    def _finding(self, call: str) -> Finding:
        finding = Finding(Reason.LIVE_CALL, f"{call} {self._why}", tuple(self._detail))
        with self._lock:
            self._refused.append("\n".join((finding.message, *finding.detail)))
        return finding
