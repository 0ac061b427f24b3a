"""Hand-written handlers, as small as a recording and a replay can be."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.exchange import Failure, Request, Response

Answer = Response | Failure


class Recording:
    """Lets every call out and keeps what came back."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[Request, Answer]] = []
        self.asked: list[tuple[str, str, bool]] = []
        self.warnings: list[str] = []

    @property
    def answer(self) -> Any:
        """The answer of the only call."""
        [(_, answer)] = self.exchanges
        return answer

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        self.asked.append((method, url, in_process))
        return True

    def on_request(self, request: Request) -> Request | Answer:
        return request

    def on_response(self, request: Request, response: Answer) -> None:
        self.exchanges.append((request, response))

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        return None

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        pass

    def on_note(self, note: Note) -> None:
        pass

    def may_deliver(self, answer: Answer | ToolOutcome, *, settled_for: float = 0.0) -> bool:
        return True

    def warn(self, message: str) -> None:
        self.warnings.append(message)


class Replaying(Recording):
    """Answers every call with what was recorded for the same body, in the same order."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._answers: dict[object, list[Answer]] = defaultdict(list)
        for request, answer in recording.exchanges:
            self._answers[request.method, request.path, request.body].append(answer)

    def on_request(self, request: Request) -> Request | Answer:
        with self._lock:
            return self._answers[request.method, request.path, request.body].pop(0)
