"""`/v1/webhooks` of a real server, heard by a real receiver."""

from __future__ import annotations

import json

import httpx
import pytest
from standardwebhooks import Webhook

from pytest_opswald.api.ids import new_id
from tests.server.test_traces import a_trace, problem, stored

from .receiver import Receiver

PAGE = {
    "url": "https://your-app.com/webhooks/opswald",
    "events": ["trace.completed", "trace.error"],
    "secret": "your-webhook-secret",
    "active": True,
}


def made(api: httpx.Client, **said: object) -> dict:
    answer = api.post("/webhooks", json=PAGE | said)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def hook(api: httpx.Client, receiver: Receiver):
    """A webhook that the receiver hears, until the test ends."""
    webhook = made(api, url=receiver.url)
    yield webhook
    api.delete(f"/webhooks/{webhook['id']}")


def test_the_vendors_body_is_accepted(api) -> None:
    """Its secret is shown in this answer, and in no other."""
    webhook = made(api)

    assert webhook["id"].startswith("wh_")
    assert {key: webhook[key] for key in PAGE} == PAGE
    shown = api.get(f"/webhooks/{webhook['id']}").json()
    assert shown == {key: value for key, value in webhook.items() if key != "secret"}
    api.delete(f"/webhooks/{webhook['id']}")


def test_a_secret_is_made_where_none_is_given(api) -> None:
    """One that the official library reads."""
    webhook = made(api, secret=None)

    assert webhook["secret"].startswith("whsec_")
    Webhook(webhook["secret"])
    api.delete(f"/webhooks/{webhook['id']}")


def test_webhooks_are_listed_changed_and_deleted(api) -> None:
    """Only what is given is changed."""
    webhook = made(api)
    path = f"/webhooks/{webhook['id']}"

    changed = api.patch(path, json={"active": False, "events": ["trace.error"]}).json()

    assert (changed["active"], changed["events"]) == (False, ["trace.error"])
    assert changed["url"] == PAGE["url"]
    page = api.get("/webhooks").json()
    assert page["webhooks"] == page["data"] == [changed]
    assert api.delete(path).json() == {"deleted": True, "webhook_id": webhook["id"]}
    for method in ("GET", "DELETE", "PATCH"):
        assert api.request(method, path, json={}).status_code == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https:///path"}, "url"),
        ({"url": "https://user:password@example.com/"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data/"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "http://167772161/"}, "url"),
        ({"url": "https://exa mple.com/"}, "url"),
        ({"url": "http://["}, "url"),
        ({"url": "https://example.com:0/"}, "url"),
        ({"url": "https://example.com:70000/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["trace.started"]}, "events.0"),
        ({"secret": "whsec_"}, "secret"),
        ({"secret": ""}, "secret"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
def test_what_makes_no_webhook_is_refused(api, said, field) -> None:
    """With the field that is wrong; when it is changed, too."""
    assert problem(api.post("/webhooks", json=PAGE | said))["details"]["field"] == field
    webhook = made(api)
    changed = api.patch(f"/webhooks/{webhook['id']}", json=said)
    assert problem(changed)["details"]["field"] == field
    api.delete(f"/webhooks/{webhook['id']}")


def test_a_trace_that_ends_is_heard_of(api, hook, receiver: Receiver) -> None:
    """The vendor's body, signed so that the official library verifies the page's own secret."""
    trace = stored(api, a_trace())

    received = receiver.next()

    verified = Webhook(PAGE["secret"].encode()).verify(received.body, received.headers)
    assert verified["event"] == "trace.completed"
    assert verified["data"] == {
        "trace_id": trace["id"],
        "session_id": trace["session_id"],
        "duration_ms": trace["duration_ms"],
        "total_cost": trace["total_cost"],
        "status": "completed",
    }


def test_a_step_that_fails_is_heard_of(api, hook, receiver: Receiver) -> None:
    """Type, message and number of the step."""
    failed = {"type": "error", "error": {"type": "tool_error", "message": "SMTP failed"}}
    trace = stored(api, a_trace(steps=[*a_trace()["steps"], failed]))

    bodies = [json.loads(receiver.next().body) for _ in range(2)]

    [told] = [body["data"] for body in bodies if body["event"] == "trace.error"]
    assert told["trace_id"] == trace["id"]
    assert told["error"] == {"type": "tool_error", "message": "SMTP failed", "step": 4}


def test_a_test_is_sent_and_told(api, hook, receiver: Receiver) -> None:
    """At once; the list of deliveries says what came of it."""
    receiver.plan = [(200, {}, b"thank you")]
    path = f"/webhooks/{hook['id']}"

    answer = api.post(f"{path}/test", json={})
    received = receiver.next()

    assert answer.status_code == 202
    assert json.loads(received.body)["event"] == "webhook.test"
    assert received.headers["webhook-id"] == answer.json()["id"]
    api.get(f"{path}/deliveries").raise_for_status()


def test_a_delivery_is_sent_again(api, hook, receiver: Receiver) -> None:
    """The same id, the same body."""
    path = f"/webhooks/{hook['id']}"
    first = api.post(f"{path}/test").json()
    before = receiver.next()

    again = api.post(f"{path}/deliveries/{first['id']}/resend")

    assert (again.status_code, again.json()["status"]) == (202, "pending")
    after = receiver.next()
    assert after.body == before.body
    assert after.headers["webhook-id"] == before.headers["webhook-id"]


def test_what_is_switched_off_is_not_tested(api) -> None:
    """It would wait for ever."""
    webhook = made(api, active=False)

    error = problem(api.post(f"/webhooks/{webhook['id']}/test"))

    assert error["details"]["field"] == "active"
    api.delete(f"/webhooks/{webhook['id']}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/msg_1/resend"),
    ],
)
def test_a_webhook_that_is_not_there_is_not_found(api, method, path) -> None:
    """Whatever is asked of it; what cannot be an id is a bad request."""
    body = {} if method in {"PATCH", "POST"} else None

    problem(api.request(method, f"/webhooks/{new_id('wh')}{path}", json=body), 404)
    problem(api.request(method, f"/webhooks/nonsense{path}", json=body), 400)


def test_a_delivery_of_another_webhook_is_not_found(api, hook, receiver: Receiver) -> None:
    """Ids do not wander."""
    sent = api.post(f"/webhooks/{hook['id']}/test").json()["id"]
    receiver.next()
    other = made(api)

    problem(api.post(f"/webhooks/{other['id']}/deliveries/{sent}/resend"), 404)
    api.delete(f"/webhooks/{other['id']}")
