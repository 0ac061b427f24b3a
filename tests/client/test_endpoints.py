"""Every endpoint, as the client describes it and as the server publishes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.api.steps import StepBody
from pytest_opswald.client.endpoints import Endpoint, Listing, Resource
from pytest_opswald.errors import NotFound
from tests.client.conftest import Ask
from tests.client.fault_server import FaultServer, problem

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"
Call = Callable[[Any], Any]

CALLS: dict[str, tuple[str, Call]] = {
    "traces.list": (
        "GET /traces?limit=10&error=true",
        lambda c: c.traces.list(limit=10, error=True),
    ),
    "traces.get": ("GET /traces/t", lambda c: c.traces.get("t")),
    "traces.create": (
        "POST /traces",
        lambda c: c.traces.create(
            started_at="2026-03-17T14:15:32Z", steps=[StepBody(type="custom")]
        ),
    ),
    "traces.delete": ("DELETE /traces/t", lambda c: c.traces.delete("t")),
    "sessions.list": ("GET /sessions?active=false", lambda c: c.sessions.list(active=False)),
    "sessions.get": ("GET /sessions/s", lambda c: c.sessions.get("s")),
    "sessions.end": ("POST /sessions/s/end", lambda c: c.sessions.end("s")),
    "events.create": (
        "POST /events",
        lambda c: c.events.create(event_type="llm_call", session_id="s", data={"model": "gpt-4o"}),
    ),
    "events.get": ("GET /events/e", lambda c: c.events.get("e")),
    "analytics.usage": (
        "GET /analytics/usage?period=7d&group_by=week",
        lambda c: c.analytics.usage(period="7d", group_by="week"),
    ),
    "analytics.cost": ("GET /analytics/cost", lambda c: c.analytics.cost()),
    "replays.list": ("GET /replays", lambda c: c.replays.list()),
    "replays.start": (
        "POST /replays",
        lambda c: c.replays.start(
            trace_id="trace_t", modifications={"model": "claude-3-sonnet"}, fork_from_step=5
        ),
    ),
    "replays.get": ("GET /replays/r", lambda c: c.replays.get("r")),
    "replays.control": (
        "POST /replays/r/control",
        lambda c: c.replays.control("r", action="pause", step=8),
    ),
    "replays.steps": ("GET /replays/r/steps", lambda c: c.replays.steps("r")),
    "replays.result": (
        "POST /replays/r/result",
        lambda c: c.replays.result("r", status="completed", final_output="Done"),
    ),
    "runner.claim": ("POST /runner/claim", lambda c: c.runner.claim(wait=1)),
    "runner.renew": ("POST /replays/r/renew", lambda c: c.runner.renew("r", claim_id="c")),
    "golden_tests.list": ("GET /golden-tests?tag=a", lambda c: c.golden_tests.list(tag="a")),
    "golden_tests.get": ("GET /golden-tests/g", lambda c: c.golden_tests.get("g")),
    "golden_tests.create": (
        "POST /golden-tests",
        lambda c: c.golden_tests.create(trace_id="trace_t", name="Support", tags=["critical"]),
    ),
    "golden_tests.update": (
        "PATCH /golden-tests/g",
        lambda c: c.golden_tests.update("g", description=None),
    ),
    "golden_tests.delete": ("DELETE /golden-tests/g", lambda c: c.golden_tests.delete("g")),
    "golden_tests.run": (
        "POST /golden-tests/run",
        lambda c: c.golden_tests.run(test_ids=["g"], modifications={"timeout": 60}),
    ),
    "golden_tests.runs": ("GET /golden-tests/runs", lambda c: c.golden_tests.runs()),
    "golden_tests.get_run": ("GET /golden-tests/runs/r", lambda c: c.golden_tests.get_run("r")),
    "golden_tests.upload_results": (
        "POST /golden-tests/runs/r/results",
        lambda c: c.golden_tests.upload_results(
            "r", results=[{"test_id": "g", "status": "passed"}]
        ),
    ),
    "webhooks.list": ("GET /webhooks", lambda c: c.webhooks.list()),
    "webhooks.get": ("GET /webhooks/w", lambda c: c.webhooks.get("w")),
    "webhooks.create": (
        "POST /webhooks",
        lambda c: c.webhooks.create(url="https://x.example/", events=["trace.error"]),
    ),
    "webhooks.update": ("PATCH /webhooks/w", lambda c: c.webhooks.update("w", active=False)),
    "webhooks.delete": ("DELETE /webhooks/w", lambda c: c.webhooks.delete("w")),
    "webhooks.test": ("POST /webhooks/w/test", lambda c: c.webhooks.test("w")),
    "webhooks.resend": (
        "POST /webhooks/w/deliveries/d/resend",
        lambda c: c.webhooks.resend("w", "d"),
    ),
    "webhooks.deliveries": (
        "GET /webhooks/w/deliveries?limit=5",
        lambda c: c.webhooks.deliveries("w", limit=5),
    ),
}


def _described() -> Iterator[tuple[str, Endpoint[..., Any] | Listing[..., Any]]]:
    client = OpsClient(base_url="http://127.0.0.1:1")
    for noun, resource in vars(client).items():
        if isinstance(resource, Resource):
            for verb, endpoint in vars(type(resource)).items():
                if isinstance(endpoint, Endpoint | Listing):
                    yield f"{noun}.{verb}", endpoint


@pytest.mark.parametrize(("target", "call"), CALLS.values(), ids=CALLS)
def test_endpoint(ask: Ask, target: str, call: Call) -> None:
    """Each method asks for its path, with what it is given, and tells what it is answered."""
    with FaultServer(problem(404, "not_found")) as server, pytest.raises(NotFound):
        ask(server, call)

    (asked,) = server.requests
    method, _, path = target.partition(" ")
    assert (asked.method, asked.target) == (method, f"/v1{path}")


def test_every_endpoint_is_tried() -> None:
    """The table above leaves none out."""
    assert {name for name, _ in _described()} == set(CALLS)


def test_every_published_endpoint_is_there() -> None:
    """What the server says it serves, the client can ask for."""
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))["paths"]
    served = {
        f"{method.upper()} {path.removeprefix('/v1')}"
        for path, methods in published.items()
        for method in methods
    }

    assert served <= {f"{endpoint.method} {endpoint.path}" for _, endpoint in _described()}
