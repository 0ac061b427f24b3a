"""A server of the API, as small as can be, that counts what it was told, and fails as it is told.

with Ledger("lost", "500") as ledger:      # does the first request and loses the answer
    Drain(outbox, OpsClient(base_url=ledger.url)).run()
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any, Literal

from tests.client.fault_server import FaultServer, Line, Move, never_answers, problem, resets, says

Fault = Literal["", "lost", "unread", "500", "429", "html", "silent"]
"""lost: done, and the answer never arrives; unread: reset before anything is done; silent: done,
and nothing is said until the server ends."""
NOW = "2026-03-17T14:15:32Z"


class Ledger(FaultServer):
    """Keeps traces, golden tests and runs."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(self._move)
        self.faults = list(faults)
        self.traces: dict[str, Any] = {}
        self.tests: dict[str, Any] = {}
        """By id."""
        self.runs: dict[str, Any] = {}
        self.has_gone_silent = threading.Event()
        self.written: list[str] = []
        """What was changed, in order: `POST /v1/traces`, ..."""

    @property
    def names(self) -> list[str]:
        """Of the golden tests; one that is there twice is there twice."""
        return sorted(test["name"] for test in self.tests.values())

    def named(self, name: str) -> dict[str, Any]:
        """The one golden test of that name."""
        (test,) = (test for test in self.tests.values() if test["name"] == name)
        return dict(test)

    def starts(self, names: Iterable[str], **modifications: Any) -> str:
        """Start a run that waits for a runner; its id."""
        ids = [key for key, test in self.tests.items() if test["name"] in set(names)]
        body = {"run_id": "run_asked", "test_ids": ids, "modifications": modifications}
        self._run(body)
        return "run_asked"

    def _move(self, line: Line) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "unread":
            return resets(line)
        if fault in {"500", "429", "html"}:
            return _REFUSALS[fault](line)
        answer = self._answer(line)
        if fault == "silent":
            self.has_gone_silent.set()
        move = {"lost": resets, "silent": never_answers}.get(fault, answer)
        return move(line)

    def _answer(self, line: Line) -> Move:
        method, path = line.asked.method, line.asked.target.partition("?")[0]
        body = json.loads(line.asked.body or b"null")
        if method != "GET":
            self.written.append(f"{method} {path}")
        match method, path.removeprefix("/v1/").split("/"):
            case "POST", ["traces"]:
                self.traces[body["id"]] = body
                return says(201, _trace(body))
            case "GET", ["traces", trace_id]:
                return says(200, _trace(self.traces[trace_id]))
            case "GET", ["golden-tests"]:
                return says(200, _page(list(self.tests.values())))
            case "POST", ["golden-tests"]:
                return self.create(body)
            case "PATCH", ["golden-tests", test_id]:
                self.tests[test_id] |= body
                return says(200, self.tests[test_id])
            case "POST", ["golden-tests", "run"]:
                return says(202, self._run(body))
            case "GET", ["golden-tests", "runs", run_id]:
                return says(200, self.runs[run_id])
            case "POST", ["golden-tests", "runs", run_id, "results"]:
                return self._results(run_id, body["results"])
        return problem(404, "not_found")

    def create(self, body: dict[str, Any]) -> Move:
        if body["name"] in self.names:
            details = {"field": "name", "expected": "a name that is not taken"}
            told = {"type": "validation_error", "message": "taken", "details": details}
            return says(400, {"error": told})
        test_id = f"test_{len(self.tests) + 1}"
        told = {"id": test_id, "test_id": test_id, "snapshot_steps": 1, "url": f"/{test_id}"}
        times = {"created_at": NOW, "updated_at": NOW}
        self.tests[test_id] = {"expected_outcome": {}} | body | told | times
        return says(201, self.tests[test_id])

    def _run(self, body: dict[str, Any]) -> Any:
        pending = [
            {"test_id": key, "name": self.tests[key]["name"], "status": "pending"}
            for key in body["test_ids"]
        ]
        counts = {"passed": 0, "failed": 0, "errored": 0, "pending": len(pending)}
        return self.runs.setdefault(
            body["run_id"],
            {
                "run_id": body["run_id"],
                "status": "running",
                "total_tests": len(pending),
                "url": f"/golden-tests/runs/{body['run_id']}",
                "started_at": NOW,
                "duration_ms": 0,
                "total_cost": 0,
                "modifications": body.get("modifications", {}),
                "executor": "runner",
                "results": pending,
            }
            | counts,
        )

    def _results(self, run_id: str, results: list[Any]) -> Move:
        if run_id not in self.runs:
            return problem(404, "not_found", "no such run")
        told = {result["test_id"]: result for result in results}
        run = self.runs[run_id]
        run["results"] = [each | told.get(each["test_id"], {}) for each in run["results"]]
        run["status"] = "completed"
        return says(200, run)


_REFUSALS: dict[str, Move] = {
    "500": problem(500, "server_error"),
    "429": problem(429, "rate_limit_exceeded", retry_after="1"),
    "html": says(200, b"<html>maintenance</html>", content_type="text/html"),
}


def _trace(body: dict[str, Any]) -> dict[str, Any]:
    """A trace as it is shown."""
    steps = [
        {"timestamp": body["started_at"]}
        | {name: value for name, value in step.items() if value is not None}
        | {"id": f"step_{number:03d}", "step_number": number}
        for number, step in enumerate(body["steps"], start=1)
    ]
    told = {"total_cost": 0, "total_tokens": {}, "models_used": [], "errors": 0}
    shown = {"status": "completed", "session_id": "session_1"} | body | told
    return shown | {"steps": steps, "step_count": len(steps)}


def _page(items: list[Any]) -> dict[str, Any]:
    told = {"total": len(items), "has_more": False, "pagination": {"has_more": False}}
    return told | {"data": items, "golden_tests": items}
