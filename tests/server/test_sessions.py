"""`/v1/sessions`: what belongs together, until it has ended."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.server.test_events import sent, trace_of
from tests.server.test_traces import a_trace, problem, stored
from tests.server.waiting import later, until


@pytest.fixture
def session() -> str:
    """One that nobody else speaks in."""
    return f"session_{uuid4().hex}"


def test_a_session_adds_up_its_traces(api: httpx.Client, session: str) -> None:
    """Its times span them, its traces are listed oldest first."""
    later = stored(api, a_trace(5, session_id=session, user_id="ann"))
    earlier = stored(api, a_trace(1, session_id=session))

    said = api.get(f"/sessions/{session}").json()

    assert [trace["id"] for trace in said["traces"]] == [earlier["id"], later["id"]]
    assert said["trace_count"] == 2
    assert said["total_cost"] == 0.002
    assert said["total_tokens"] == {"input": 20, "output": 10}
    assert said["models_used"] == ["gpt-4o"]
    assert said["user_id"] == "ann"
    assert (said["started_at"], said["last_activity"]) == (earlier["started_at"], later["ended_at"])


def test_a_session_left_alone_has_ended(api: httpx.Client, session: str) -> None:
    """Half an hour after the last word it is completed, without anybody saying so."""
    trace = stored(api, a_trace(session_id=session))

    said = api.get(f"/sessions/{session}").json()

    assert said["status"] == "completed"
    assert said["ended_at"] == trace["ended_at"]


def test_what_runs_in_a_session_that_is_left_alone_ends_with_it(
    api: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its last word; what comes after that is another trace."""
    said = "2026-03-17T14:15:32Z"
    event = sent(api, session, "user_input", timestamp=said)
    path = f"/traces/{event['trace_id']}"

    later(monkeypatch, seconds=29 * 60)
    early = api.get(path).json()["status"]
    later(monkeypatch, seconds=61)
    trace = until(api, path, lambda trace: trace["status"] != "running")
    completed = api.get("/traces", params={"session_id": session, "status": "completed"}).json()
    after = sent(api, session, "user_input")

    assert (early, trace["status"], trace["ended_at"]) == ("running", "completed", said)
    assert completed["total"] == 1
    assert after["trace_id"] != event["trace_id"]


def test_a_session_that_is_heard_is_active(api: httpx.Client, session: str) -> None:
    """Even when its events tell of another time."""
    sent(api, session, "user_input", timestamp="2026-03-17T14:15:32Z", user_id=session)

    active = api.get("/sessions", params={"active": "true", "user_id": session}).json()
    ended = api.get("/sessions", params={"active": "false", "user_id": session}).json()

    assert [each["session_id"] for each in active["sessions"]] == [session]
    assert active["sessions"][0]["last_activity"] == "2026-03-17T14:15:32Z"
    assert ended["total"] == 0


def test_ending_a_session_ends_its_traces(api: httpx.Client, session: str) -> None:
    """A second time changes nothing."""
    event = sent(api, session, "user_input")

    first = api.post(f"/sessions/{session}/end")
    again = api.post(f"/sessions/{session}/end", json={"status": "completed"})

    assert first.json()["status"] == "completed"
    assert first.json() == again.json()
    assert trace_of(api, event)["status"] == "completed"


def test_an_event_opens_an_ended_session_again(api: httpx.Client, session: str) -> None:
    """With a trace of its own."""
    before = sent(api, session, "user_input")
    api.post(f"/sessions/{session}/end")

    after = sent(api, session, "user_input")

    assert after["trace_id"] != before["trace_id"]
    assert api.get(f"/sessions/{session}").json()["status"] == "active"


def test_ids_may_hold_slashes(api: httpx.Client, session: str) -> None:
    """A client chooses them."""
    sent(api, f"{session}/a/end", "user_input")

    assert api.get(f"/sessions/{session}/a/end").json()["trace_count"] == 1
    assert api.post(f"/sessions/{session}/a/end/end").json()["status"] == "completed"


def test_an_unknown_session_is_not_found(api: httpx.Client) -> None:
    """Neither to be read nor to be ended."""
    assert problem(api.get("/sessions/none"), 404)["type"] == "not_found"
    assert problem(api.post("/sessions/none/end"), 404)["type"] == "not_found"


def test_lists_walk_by_latest_activity(api: httpx.Client) -> None:
    """Pages by cursor hold every session once, the latest first."""
    user = uuid4().hex
    for n in (3, 1, 4, 2):
        stored(api, a_trace(n, session_id=f"{user}{n}", user_id=user))

    first = api.get("/sessions", params={"limit": 3, "user_id": user}).json()
    then = api.get("/sessions", params={"cursor": first["pagination"]["next_cursor"]}).json()

    walked = [each["session_id"] for page in (first, then) for each in page["sessions"]]
    assert walked == [f"{user}{n}" for n in (4, 3, 2, 1)]
    assert first["total"] == then["total"] == 4


@pytest.mark.parametrize("query", ["active=maybe", "limit=0", "state=x", "cursor=x"])
def test_queries_that_make_no_sense_are_named(api: httpx.Client, query: str) -> None:
    """As those of every list."""
    said = problem(api.get(f"/sessions?{query}"))

    assert said["details"]["field"] == query.partition("=")[0]


def test_a_session_ends_in_no_other_way(api: httpx.Client, session: str) -> None:
    """There is one status to give."""
    sent(api, session, "user_input")

    answer = api.post(f"/sessions/{session}/end", json={"status": "active"})

    assert problem(answer)["details"]["field"] == "status"
