"""What is sent, and what is refused before it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.errors import NotFound, ValidationError
from tests.client.fault_server import FaultServer, says
from tests.client.test_retries import EVENT, TRACE


@pytest.fixture
def client() -> OpsClient:
    return OpsClient(base_url="http://127.0.0.1:1")


def test_only_what_is_given_is_sent() -> None:
    """Defaults are the server's, so that a later server may have others."""
    with FaultServer(says(200, TRACE)) as server, OpsClient(base_url=server.url) as client:
        client.traces.create(
            id="trace_1",
            started_at="2026-03-17T14:15:32Z",  # type: ignore[arg-type]  # as JSON has it
            tags=["a"],
        )

    assert json.loads(server.requests[0].body) == {
        "id": "trace_1",
        "started_at": "2026-03-17T14:15:32Z",
        "tags": ["a"],
    }


def test_queries_are_written_as_urls_are() -> None:
    """Truth values and times go into the query as the API reads them."""
    page = {"data": [], "traces": [], "total": 0, "has_more": False}
    page["pagination"] = {"has_more": False}
    with FaultServer(says(200, page)) as server, OpsClient(base_url=server.url) as client:
        client.traces.list(error=True, start_time="2026-03-17T14:15:32+02:00", user_id="a&b").page()  # type: ignore[arg-type]

    assert server.requests[0].target == (
        "/v1/traces?start_time=2026-03-17T12%3A15%3A32Z&error=true&user_id=a%26b"
    )


def test_ids_are_quoted() -> None:
    """An id cannot leave its place in the path."""
    with FaultServer(says(404, {})) as server, pytest.raises(NotFound):
        OpsClient(base_url=server.url).events.get("../traces?a#b")

    assert server.requests[0].target == "/v1/events/..%2Ftraces%3Fa%23b"


def test_bodies_say_what_they_are() -> None:
    """Requests name their agent and what they take."""
    with FaultServer(says(201, EVENT)) as server, OpsClient(base_url=server.url) as client:
        client.events.create(event_type="user_input", session_id="s", event_id="evt_mine")

    headers = server.requests[0].headers
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["accept-encoding"] == "gzip"
    assert headers["user-agent"].startswith("pytest-opswald/")
    assert headers["idempotency-key"] == "evt_mine"
    assert "authorization" not in headers


def test_the_same_results_have_the_same_key() -> None:
    """What is the same twice as once is known by its content."""
    keys = []
    with FaultServer(says(404, {})) as server, OpsClient(base_url=server.url) as client:
        for status in ("passed", "passed", "failed"):
            with pytest.raises(NotFound):
                client.golden_tests.upload_results(
                    "run_1",
                    results=[{"test_id": "test_1", "status": status}],  # type: ignore[list-item]
                )
        keys = [request.headers["idempotency-key"] for request in server.requests]

    assert keys[0] == keys[1] != keys[2]


REFUSED: dict[str, tuple[Any, dict[str, str]]] = {
    "an unknown field": (
        lambda c: c.replays.start(trace_id="trace_1", modfications={}),
        {"field": "modfications", "expected": "Extra inputs are not permitted"},
    ),
    "a limit": (
        lambda c: c.traces.list(limit=101),
        {"field": "limit", "expected": "Input should be less than or equal to 100"},
    ),
    "nothing to replay": (
        lambda c: c.replays.start(),
        {"field": "", "expected": "Value error, give either trace_id or session_id"},
    ),
    "a field within": (
        lambda c: c.replays.start(trace_id="trace_1", modifications={"temperature": 3}),
        {
            "field": "modifications.temperature",
            "expected": "Input should be less than or equal to 2",
        },
    ),
    "no id": (lambda c: c.traces.delete(""), {"field": "trace_id"}),
    "an id that is a path": (lambda c: c.traces.get(".."), {"field": "trace_id"}),
    "half a character as id": (lambda c: c.traces.get("\ud800"), {"field": "trace_id"}),
}


@pytest.mark.parametrize(("asked", "details"), REFUSED.values(), ids=REFUSED)
def test_nonsense_is_not_sent(client: OpsClient, asked: Any, details: dict[str, str]) -> None:
    """What the documents refuse is refused without asking, by the error the server would give."""
    with pytest.raises(ValidationError) as caught:
        asked(client)

    assert caught.value.details == details
    assert caught.value.status is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "data", [{"a": "\ud800"}, {"a": object()}], ids=["half a character", "object"]
)
def test_what_json_cannot_hold_is_not_sent(client: OpsClient, data: dict[str, Any]) -> None:
    """A value that has no JSON is an error of the request, too."""
    with pytest.raises(ValidationError, match="what JSON can hold"):
        client.events.create(event_type="custom", session_id="s", data=data)


def test_methods_show_what_they_take(client: OpsClient) -> None:
    """`help` shows the fields of the document and the ids of the path."""
    import inspect

    told = str(inspect.signature(client.replays.control))

    assert told.startswith("(replay_id: str, /, *, action: Literal['play', 'pause'")
    assert client.replays.control.__name__ == "control"
