"""Every JSON of the vendor's page is accepted, and answered in the page's shape."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from local_provider import Provider, Say
from tests.providers import point_at
from tests.server.test_traces import problem, stored
from tests.server.waiting import over, until

Document = dict[str, Any]

TRACE: Document = {
    "id": "trace_abc123",
    "session_id": "session_456",
    "user_id": "user_789",
    "started_at": "2026-03-17T14:15:32Z",
    "ended_at": "2026-03-17T14:18:45Z",
    "duration_ms": 193000,
    "total_cost": 0.0245,
    "steps": [
        {
            "id": "step_001",
            "step_number": 1,
            "type": "user_input",
            "timestamp": "2026-03-17T14:15:32Z",
            "input": {"message": "Analyze this sales report", "attachments": ["sales-q1.csv"]},
            "duration_ms": 0,
            "cost": 0,
        },
        {
            "id": "step_002",
            "step_number": 2,
            "type": "llm_call",
            "timestamp": "2026-03-17T14:15:33Z",
            "input": {
                "model": "gpt-4o",
                "messages": [
                    {"role": "system", "content": "You are a data analyst..."},
                    {"role": "user", "content": "Analyze this sales report"},
                ],
                "temperature": 0.1,
            },
            "output": {
                "content": "I'll analyze the sales report. Let me start by examining the data...",
                "tool_calls": [
                    {"function": "read_file", "arguments": {"filename": "sales-q1.csv"}}
                ],
            },
            "duration_ms": 2140,
            "cost": 0.0087,
            "tokens": {"input": 245, "output": 89},
        },
    ],
}
LISTED = {
    "id",
    "session_id",
    "user_id",
    "started_at",
    "ended_at",
    "duration_ms",
    "total_cost",
    "total_tokens",
    "models_used",
    "steps",
    "errors",
    "status",
}
EVENT: Document = {
    "event_type": "llm_call",
    "session_id": "session_456",
    "data": {
        "model": "gpt-4o",
        "input": {"messages": [{"role": "user", "content": "Hello"}]},
        "output": {"content": "Hi there! How can I help you today?"},
        "cost": 0.0012,
        "tokens": {"input": 8, "output": 12},
    },
    "timestamp": "2026-03-17T14:15:32Z",
}


def says(answer: Any, page: Any) -> bool:
    """Whether an answer says all that the page says, and whatever else."""
    if isinstance(page, dict):
        return all(name in answer and says(answer[name], said) for name, said in page.items())
    if isinstance(page, list):
        return len(answer) == len(page) and all(map(says, answer, page))
    return bool(answer == page)


@pytest.fixture(scope="module", autouse=True)
def imported(api: httpx.Client) -> Document:
    """The answer to the page's trace; there in every worker that runs some of these tests."""
    return stored(api, TRACE)


def test_a_trace_is_answered_as_on_the_page(api: httpx.Client, imported: Document) -> None:
    """The page's trace, imported, comes back with the page's values."""
    assert says(imported, TRACE)
    assert says(api.get("/traces/trace_abc123").json(), TRACE)
    assert "output" not in imported["steps"][0]
    assert "tokens" not in imported["steps"][0]


def test_a_list_is_answered_as_on_the_page(api: httpx.Client) -> None:
    """Items under their noun and under `data`, pages by offset and by cursor."""
    listed = api.get(
        "/traces", params={"limit": 1, "model": "gpt-4o", "user_id": "user_789"}
    ).json()

    assert listed.keys() == {"traces", "total", "has_more", "data", "pagination"}
    assert listed["pagination"].keys() == {"has_more", "next_cursor"}
    assert listed["traces"][0].keys() >= LISTED
    assert listed["traces"][0]["steps"] == 2


def test_a_session_is_answered_as_on_the_page(api: httpx.Client) -> None:
    """In the list and alone."""
    session: Document = {
        "session_id": "session_456",
        "user_id": "user_789",
        "started_at": "2026-03-17T14:15:32Z",
        "last_activity": "2026-03-17T14:18:45Z",
        "status": "completed",
        "trace_count": 1,
        "total_cost": 0.0245,
    }

    assert api.get("/sessions").json()["sessions"] == [session]
    assert says(api.get("/sessions/session_456").json(), session)
    assert says(api.post("/sessions/session_456/end").json(), session)


def test_an_event_is_answered_as_on_the_page(api: httpx.Client) -> None:
    """It becomes a step of a running trace."""
    answer = api.post("/events", json=EVENT)

    assert answer.status_code == 201
    assert answer.json().keys() >= {"event_id", "processed", "trace_id"}
    assert answer.json()["processed"] is True
    assert says(api.get(f"/events/{answer.json()['event_id']}").json(), EVENT)


def test_analytics_are_answered_as_on_the_page(api: httpx.Client) -> None:
    """Every key of the page, and no other."""
    usage = api.get("/analytics/usage", params={"period": "7d", "group_by": "day"}).json()
    cost = api.get("/analytics/cost").json()

    assert usage.keys() == {
        "period",
        "total_traces",
        "total_cost",
        "total_tokens",
        "daily",
        "top_models",
    }
    assert usage["daily"][0].keys() == {"date", "traces", "cost", "tokens"}
    assert cost.keys() == {"total_cost", "cost_by_model", "cost_by_user", "trends"}
    assert cost["trends"].keys() == {"daily_average", "weekly_growth"}


def test_an_error_is_answered_as_on_the_page(api: httpx.Client) -> None:
    """Type, message, and the field with what was expected there."""
    said = problem(api.get("/traces/abc"))

    assert said["type"] == "validation_error"
    assert said["message"] == "Invalid trace_id format"
    assert said["details"]["field"] == "trace_id"
    assert "UUID v4 format" in said["details"]["expected"]


def test_a_deletion_is_answered_as_on_the_page(api: httpx.Client) -> None:
    """With the id."""
    assert api.delete("/traces/trace_abc123").json() == {
        "deleted": True,
        "trace_id": "trace_abc123",
    }


def test_replays(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started, paused at a step, gone on with: another provider's model from step 5 on."""
    asked, call = TRACE["steps"]
    trace = stored(api, TRACE | {"id": "trace_long", "steps": [asked, *[call] * 11]})
    with Provider(lambda _: Say("Analysis complete.")) as provider:
        point_at(provider, monkeypatch)
        body = {
            "trace_id": trace["id"],
            "mode": "interactive",
            "modifications": {"model": "claude-3-sonnet", "temperature": 0.0},
            "fork_from_step": 5,
        }
        started = api.post("/replays", json=body | {"start_paused": True})
        path = f"/replays/{started.json()['replay_id']}"
        paused = api.post(f"{path}/control", json={"action": "pause", "step": 8}).json()
        api.post(f"{path}/control", json={"action": "play"}).raise_for_status()
        at_eight = until(api, path, lambda said: said["current_step"] == 8)
        api.post(f"{path}/control", json={"action": "play"}).raise_for_status()
        told = over(api, path)

    assert started.status_code == 201
    assert started.json().keys() == {
        "replay_id",
        "trace_id",
        "mode",
        "status",
        "url",
        "started_at",
    }
    assert (paused["pause_at_step"], at_eight["status"]) == (8, "paused")
    assert (told["status"], told["current_step"], told["total_steps"]) == ("completed", 12, 12)
    assert {"final_output", "total_cost", "duration_ms"} < told["result"].keys()
    assert told["result"]["changes_from_original"][0] == {
        "step": 5,
        "field": "model",
        "original": "gpt-4o",
        "modified": "claude-3-sonnet",
    }


def test_golden_tests(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made and run as on the page."""
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    trace = stored(api, TRACE | {"id": "trace_golden"})
    body = {
        "trace_id": trace["id"],
        "name": "Customer Support Flow",
        "description": "Complete customer issue resolution workflow",
        "tags": ["support", "critical"],
        "expected_outcome": {
            "status": "completed",
            "final_message": "Issue resolved successfully",
        },
    }

    test = api.post("/golden-tests", json=body)
    asked = {"test_ids": [test.json()["id"]], "modifications": {"timeout": 60, "model": "gpt-4o"}}
    run = api.post("/golden-tests/run", json=asked)
    told = over(api, f"/golden-tests/runs/{run.json()['run_id']}")

    assert (test.status_code, run.status_code) == (201, 202)
    assert body.items() <= test.json().items()
    assert run.json().keys() == {"run_id", "status", "total_tests", "url"}
    assert (told["status"], told["failed"]) == ("completed", 1)
