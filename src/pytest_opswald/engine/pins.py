"""Results of tools that nobody declared, held to what was recorded.

Such tools run for real, on a live replay too, and their results stand in the next request: there
they are replaced by the golden's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.engine.cache import ToolCache
from pytest_opswald.engine.matching import Asked
from pytest_opswald.engine.misses import call_text
from pytest_opswald.engine.result import Finding
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import ToolInput, ToolRequest
from pytest_opswald.wire.registry import format_for


class Pins:
    """The recorded results of undeclared tools, by the call ids of this run."""

    def __init__(self, golden: Golden) -> None:
        runs = (golden.trace, *golden.variants)
        self._cache = ToolCache(*(r.steps for r in runs), having=lambda call: not call.declared)
        self._by_call: dict[str, Any] = {}
        """What each call is answered with; calls without a recorded result have none."""
        self._seen: set[str] = set()
        self.findings: list[Finding] = []

    def pinned(self, asked: Asked, *, is_declared: Callable[[str], bool]) -> Asked:
        """The request with recorded results, where there are any; itself if not."""
        wire = format_for(asked.method, urlsplit(asked.path).path)
        if wire is None or not isinstance(asked.body, dict):
            return asked
        requests = {call.id: call for call in wire.tool_requests(asked.body) if call.id}
        results: dict[str, Any] = {}
        for echo in wire.tool_echoes(asked.body):
            call = requests.get(echo.call_id or "")
            if call and call.id and not is_declared(call.function):
                self._look_up(call.id, call)
                results |= {call.id: self._by_call[call.id]} if call.id in self._by_call else {}
        body = wire.with_tool_results(asked.body, results)
        return asked if body == asked.body else replace(asked, body=body)

    def _look_up(self, call_id: str, call: ToolRequest) -> None:
        if call_id in self._seen:
            return
        self._seen.add(call_id)
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        if recorded := self._cache.equal(ToolInput(tool=call.function, arguments=arguments)):
            self._by_call[call_id] = recorded.outcome.value
        else:
            self.findings.append(_ran_live(call.function, arguments))


def _ran_live(tool: str, arguments: dict[str, Any]) -> Finding:
    return Finding(
        Reason.CACHE_INEXACT,
        f"{tool} is not declared as a tool and ran for real; no result was recorded for this call",
        (f"asked     {call_text(tool, arguments)}",),
        gates=False,
    )
