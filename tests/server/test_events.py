"""`/v1/events`: steps that arrive one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.server.test_traces import problem, stored

Event = dict[str, Any]


@pytest.fixture
def session() -> str:
    """One that nobody else speaks in."""
    return f"session_{uuid4().hex}"


def sent(api: httpx.Client, session: str, event_type: str, **said: Any) -> dict[str, Any]:
    """What is answered to a new event."""
    answer = api.post("/events", json={"event_type": event_type, "session_id": session} | said)
    assert answer.status_code == 201, answer.text
    return answer.json()


def trace_of(api: httpx.Client, event: dict[str, Any]) -> dict[str, Any]:
    return api.get(f"/traces/{event['trace_id']}").json()


def test_events_of_a_session_are_steps_of_one_trace(api: httpx.Client, session: str) -> None:
    """Until a response ends it, every event goes into the same trace."""
    first = sent(api, session, "user_input", data={"input": {"message": "Hi"}})
    last = sent(api, session, "response", data={"output": {"message": "Bye"}})

    trace = trace_of(api, first)
    assert first["trace_id"] == last["trace_id"]
    assert [step["type"] for step in trace["steps"]] == ["user_input", "response"]
    assert trace["status"] == "completed"
    assert trace["final_output"] == "Bye"


def test_after_a_response_another_trace_begins(api: httpx.Client, session: str) -> None:
    """What a user says next is a new run."""
    first = sent(api, session, "response", data={"output": {"message": "Bye"}})
    then = sent(api, session, "user_input", data={"input": {"message": "Hi again"}})

    assert then["trace_id"] != first["trace_id"]
    assert trace_of(api, then)["status"] == "running"
    assert trace_of(api, then)["ended_at"] is None


def test_a_response_may_tell_an_error(api: httpx.Client, session: str) -> None:
    """`data.status` is the trace's."""
    event = sent(api, session, "response", data={"output": {"message": "?"}, "status": "error"})

    assert trace_of(api, event)["status"] == "error"


def test_a_trace_may_be_named(api: httpx.Client, session: str) -> None:
    """One that does not exist yet begins."""
    named = f"trace_{uuid4().hex}"
    sent(api, session, "user_input", trace_id=named)
    sent(api, session, "user_input")
    event = sent(api, session, "custom", trace_id=named, data={"input": [1, "two"]})

    assert event["trace_id"] == named
    assert trace_of(api, event)["steps"][-1]["input"] == [1, "two"]


def test_a_trace_of_another_session_cannot_be_named(api: httpx.Client, session: str) -> None:
    """Steps do not stray from one session into another."""
    theirs = sent(api, session + "_theirs", "user_input")

    body = {"event_type": "custom", "session_id": session, "trace_id": theirs["trace_id"]}

    assert problem(api.post("/events", json=body))["details"]["field"] == "trace_id"


def test_an_event_sent_again_adds_nothing(api: httpx.Client, session: str) -> None:
    """The same event_id is answered alike, and there is one step."""
    body = {"event_type": "custom", "session_id": session, "event_id": f"mine/{session}"}

    first, again = api.post("/events", json=body), api.post("/events", json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert trace_of(api, first.json())["step_count"] == 1


def test_an_event_comes_back_as_it_was_sent(api: httpx.Client, session: str) -> None:
    """With the step it became."""
    messages = [{"role": "user", "content": "Hello " * 100}] * 3
    data = {
        "model": "gpt-4o",
        "input": {"messages": messages},
        "output": {"content": "Hi"},
        "cost": 0.0012,
        "tokens": {"input": 8, "output": 12},
        "temperature": 0.5,
    }

    event = sent(api, session, "llm_call", data=data, timestamp="2026-03-17T14:15:32Z")

    back = api.get(f"/events/{event['event_id']}").json()
    assert back["data"] == data
    assert back["timestamp"] == "2026-03-17T14:15:32Z"
    assert back | event == back
    step = trace_of(api, event)["steps"][0]
    assert step["input"] == {"model": "gpt-4o", "messages": messages}
    assert step["metadata"] == {"temperature": 0.5}
    assert step["cost"] == 0.0012


@pytest.mark.parametrize(
    ("event_type", "data", "said"),
    [
        ("user_input", {"message": "Hi"}, {"input": {"message": "Hi"}}),
        ("response", {"message": "Bye"}, {"output": {"message": "Bye"}}),
        ("tool_call", {"tool": "f", "arguments": {}}, {"input": {"tool": "f", "arguments": {}}}),
        ("tool_result", {"input": {"tool": "f"}, "x": 1}, {"metadata": {"x": 1}}),
        ("llm_call", {"model": "m", "messages": []}, {"input": {"model": "m", "messages": []}}),
        ("error", {"error": "it broke"}, {"error": {"type": "agent_error", "message": "it broke"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_data_says_the_step(
    api: httpx.Client, session: str, event_type: str, data: Event, said: Event
) -> None:
    """Keys nobody knows are the content where there is no other, else metadata."""
    step = trace_of(api, sent(api, session, event_type, data=data))["steps"][0]

    assert step | said == step


def test_models_cost_and_tokens_add_up(api: httpx.Client, session: str) -> None:
    """The trace's totals are those of its steps, whenever they came."""
    for model in ("b", "a", "b"):
        said = {"model": model, "cost": 0.1, "tokens": {"input": 3, "output": 4}}
        event = sent(api, session, "llm_call", data=said)

    trace = trace_of(api, event)

    assert trace["models_used"] == ["b", "a"]
    assert trace["total_cost"] == 0.3
    assert trace["total_tokens"] == {"input": 9, "output": 12}
    assert api.get("/traces", params={"model": "a", "session_id": session}).json()["total"] == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"event_type": "guess"}, "event_type"),
        ({"session_id": ""}, "session_id"),
        ({"data": []}, "data"),
        ({"data": {"cost": -1}}, "data.cost"),
        ({"data": {"tokens": {"input": 10**20}}}, "data.tokens.input"),
        ({"data": {"error": {"type": 1}}}, "data.error.type"),
        ({"trace_id": "mine"}, "trace_id"),
        ({"timestamp": "2026-13-01T00:00:00Z"}, "timestamp"),
        ({"duration_ms": 1.5}, "duration_ms"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_events_that_make_no_sense_are_named(
    api: httpx.Client, session: str, said: Event, field: str
) -> None:
    """Nothing of them is stored."""
    body = {"event_type": "custom", "session_id": session} | said

    assert problem(api.post("/events", json=body))["details"]["field"] == field
    assert api.get(f"/sessions/{session}").status_code == 404


def test_an_unknown_event_is_not_found(api: httpx.Client) -> None:
    """Whatever its client might have called it."""
    assert problem(api.get("/events/evt_none"), 404)["type"] == "not_found"


def test_a_thousand_concurrent_events_lose_and_double_no_step(
    api: httpx.Client, session: str
) -> None:
    """Steps are numbered 1 to 1,000, however many hands send them, some of them twice."""
    events = [
        {"event_type": "custom", "session_id": session, "event_id": f"{session}/{n}"}
        for n in range(1000)
    ]

    with ThreadPoolExecutor(16) as hands:
        answers = list(
            hands.map(lambda event: api.post("/events", json=event), events + events[::10])
        )

    assert {answer.status_code for answer in answers} == {200, 201}
    assert sum(answer.status_code == 201 for answer in answers) == 1000
    trace = trace_of(api, answers[0].json())
    assert [step["step_number"] for step in trace["steps"]] == list(range(1, 1001))
    assert {answer.json()["step_number"] for answer in answers} == set(range(1, 1001))


def test_a_late_event_joins_a_trace_that_has_ended(api: httpx.Client, session: str) -> None:
    """When it names it; the trace ended once."""
    trace = stored(api, {"started_at": "2026-03-17T14:15:32Z", "session_id": session})

    sent(api, session, "custom", trace_id=trace["id"], timestamp="2026-03-17T14:16:00Z")

    late = api.get(f"/traces/{trace['id']}").json()
    assert late["status"] == "completed"
    assert late["ended_at"] == "2026-03-17T14:16:00Z"


def test_absurd_numbers_add_up_to_the_most_that_can_be_said(
    api: httpx.Client, session: str
) -> None:
    """No sum overflows anything, wherever it is made."""
    for _ in range(12):
        said = {"model": "m", "cost": 1e8, "tokens": {"input": 10**12, "output": 10**12}}
        event = sent(api, session, "llm_call", data=said)

    trace = trace_of(api, event)

    assert (trace["total_cost"], trace["total_tokens"]["input"]) == (1e8, 10**12)
    assert api.get(f"/sessions/{session}").json()["total_cost"] == 1e8
    assert api.get("/analytics/usage").status_code == 200
    assert api.get("/analytics/cost").json()["cost_by_model"]["m"] == 1e8
    api.delete(f"/traces/{trace['id']}")


def test_clocks_that_disagree_are_no_error(api: httpx.Client, session: str) -> None:
    """A step that began before its trace, or in another century, is kept as it is told."""
    early, late = "1901-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
    steps = [{"type": "custom", "timestamp": at, "duration_ms": 10**12} for at in (early, late)]

    trace = stored(
        api, {"started_at": "2026-03-17T14:15:32Z", "steps": steps, "session_id": session}
    )
    sent(api, session, "custom", trace_id=trace["id"], timestamp=late)

    assert trace["duration_ms"] == 10**12
    assert [step["timestamp"] for step in trace["steps"]] == [early, late]
    assert api.get(f"/sessions/{session}").json()["duration_ms"] == 10**12
