"""The client and the server, each of which has only the documents of the API to go by."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.errors import NotFound, ValidationError
from tests.client.conftest import WAYS

Ask = Callable[[Callable[[Any], Any]], Any]
NOON = "2026-03-17T12:00:00Z"
STEPS = (
    {"type": "user_input", "input": {"message": "Analyse this"}},
    {
        "type": "llm_call",
        "input": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Analyse this"}]},
        "output": {"content": "Done."},
        "tokens": {"input": 8, "output": 2},
        "cost": 0.0012,
    },
    {"type": "response", "output": {"message": "Done."}},
)


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest, base_url: str) -> Ask:
    """Either client, asking the server."""
    way = WAYS[request.param]
    return lambda call: way(SimpleNamespace(url=base_url), call)


def _create(**fields: Any) -> Callable[[Any], Any]:
    return lambda client: client.traces.create(started_at=NOON, steps=STEPS, **fields)


def test_a_trace_comes_back(ask: Ask) -> None:
    """What is imported can be opened, listed and deleted."""
    created = ask(_create(user_id="user_1", tags=["whole"]))
    opened = ask(lambda client: client.traces.get(created.id))
    listed = ask(lambda client: client.traces.list(tag="whole", user_id="user_1"))
    deleted = ask(lambda client: client.traces.delete(created.id))

    assert opened == created
    assert [step.type for step in opened.steps] == ["user_input", "llm_call", "response"]
    assert (opened.total_cost, opened.final_output) == (0.0012, "Done.")
    assert created.id in [trace.id for trace in listed]
    assert deleted.trace_id == created.id
    with pytest.raises(NotFound) as caught:
        ask(lambda client: client.traces.get(created.id))
    assert caught.value.request_id


def test_a_trace_sent_twice_is_there_once(ask: Ask) -> None:
    """A repeated import with the same id replaces the first."""
    created = ask(_create(tags=["twice"]))
    again = ask(_create(id=created.id, session_id=created.session_id, tags=["twice"]))

    page = ask(lambda client: client.sessions.get(created.session_id))
    assert again.id == created.id
    assert len(page.traces) == 1


def test_walking_over_pages(ask: Ask) -> None:
    """Each trace comes up once, filters included, however small the pages are."""
    ids = {ask(_create(session_id="walk", tags=["walked"])).id for _ in range(5)}

    walked = [t.id for t in ask(lambda client: client.traces.list(limit=2, tag="walked"))]
    first = ask(lambda client: client.traces.list(limit=2, tag="walked").page())

    assert ids <= set(walked)
    assert len(walked) == len(set(walked)) == first.total
    assert len(first.data) == 2


def test_events_make_a_trace(ask: Ask) -> None:
    """Events of a session are steps of its running trace; the session can be ended."""
    said = {"message": "Hello"}
    sent = ask(
        lambda client: client.events.create(
            event_type="user_input", session_id="chat", data={"input": said}, timestamp=NOON
        )
    )
    event = ask(lambda client: client.events.get(sent.event_id))
    sessions = ask(lambda client: client.sessions.list())
    ended = ask(lambda client: client.sessions.end("chat"))

    assert sent.processed
    assert (event.trace_id, event.data) == (sent.trace_id, {"input": said})
    assert "chat" in [session.session_id for session in sessions]
    assert ended.status == "completed"


def test_an_event_sent_twice_is_one_step(ask: Ask) -> None:
    """The same id is the same event."""
    event = {"event_type": "user_input", "session_id": "twice", "event_id": "evt_mine"}

    first, second = (ask(lambda client: client.events.create(**event)) for _ in range(2))

    assert first == second


def test_analytics(ask: Ask) -> None:
    """Usage and cost add up what was sent."""
    usage = ask(lambda client: client.analytics.usage(period="7d", group_by="week"))
    cost = ask(lambda client: client.analytics.cost(period="90d"))

    assert usage.weekly is not None
    assert sum(bucket.traces for bucket in usage.weekly) == usage.total_traces
    assert cost.total_cost >= 0


def test_errors_come_with_their_fields(ask: Ask) -> None:
    """What the server refuses is told by the field that is wrong."""
    with pytest.raises(ValidationError) as caught:
        ask(lambda client: client.traces.get("no id of a trace"))

    assert caught.value.details["field"] == "trace_id"
    assert caught.value.status == 400


def test_webhooks(ask: Ask) -> None:
    """A webhook is made, changed, tried, and deleted; its secret is shown once."""
    made = ask(
        lambda client: client.webhooks.create(
            url="http://127.0.0.1:9/hook", events=["trace.completed"], secret="your-webhook-secret"
        )
    )
    changed = ask(lambda client: client.webhooks.update(made.id, events=["trace.error"]))
    tried = ask(lambda client: client.webhooks.test(made.id))
    sent = ask(lambda client: client.webhooks.deliveries(made.id))
    again = ask(lambda client: client.webhooks.resend(made.id, tried.id))
    listed = ask(lambda client: client.webhooks.list())
    deleted = ask(lambda client: client.webhooks.delete(made.id))

    assert made.secret == "your-webhook-secret"
    assert changed.events == ("trace.error",)
    assert [delivery.id for delivery in sent] == [tried.id] == [again.id]
    assert made.id in [webhook.id for webhook in listed]
    assert deleted.webhook_id == made.id
