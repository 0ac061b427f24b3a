"""Two projects on one server: whatever one of them has is not there for the other.

Made from the API's description: an operation that is added is asked, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import httpx
import pytest

from pytest_opswald.api.ids import new_id
from pytest_opswald.server.app import create_app
from pytest_opswald.server.auth.keys import digest, hint, new_key
from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.openapi import described
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import keys, projects
from tests.server.test_traces import a_trace, stored

CANARY = "canary-7f3a"
"""In everything that the other project says."""
BODIES: dict[str, Any] = {
    "PATCH /v1/webhooks/{webhook_id}": {"active": False},
    "POST /v1/replays/{replay_id}/control": {"action": "stop"},
    "POST /v1/replays/{replay_id}/result": {"status": "completed"},
    "POST /v1/replays/{replay_id}/renew": {"claim_id": "any"},
    "POST /v1/golden-tests/runs/{run_id}/results": {
        "results": [{"test_id": "test_1", "status": "passed"}]
    },
}
"""For operations on a thing of the other project that want one."""

PATHS = described(create_app(ServerSettings()))["paths"]
OPERATIONS = [f"{method.upper()} {path}" for path, methods in PATHS.items() for method in methods]
ON_THINGS = [operation for operation in OPERATIONS if "{" in operation]
LISTS = [each for each in OPERATIONS if each.startswith("GET") and each not in ON_THINGS]
Ids = Mapping[str, str]


class Tenants:
    """A project that has one of everything, and another one."""

    def __init__(self, base_url: str, database: Database) -> None:
        self.ours = _client(base_url, database, "ours")
        self.theirs = _client(base_url, database, "theirs")
        self.ids = _one_of_everything(self.theirs)

    def said(self) -> list[str]:
        """What the other project sees of its own, but for deliveries, which go on by themselves."""
        still = [each for each in (*ON_THINGS, *LISTS) if re.match("GET (?!.*deliveries)", each)]
        return [_asked(self.theirs, each, self.ids).text for each in still]

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@pytest.fixture(scope="module")
def tenants(db: str, base_url: str) -> Iterator[Tenants]:
    """Whatever the tests ask: what the other project has stays as it is."""
    httpx.get(f"{base_url}/openapi.json").raise_for_status()  # there are tables now
    with opened(db) as database:
        both = Tenants(base_url, database)
    with closing(both):
        before = both.said()
        yield both
        assert both.said() == before


@pytest.mark.parametrize("operation", ON_THINGS)
def test_a_thing_of_another_project_is_not_there(tenants: Tenants, operation: str) -> None:
    """The answer is the one to an id that nobody has, to the letter."""
    nobodys = {name: _of_nobody(value) for name, value in tenants.ids.items()}

    foreign = _asked(tenants.ours, operation, tenants.ids)
    missing = _asked(tenants.ours, operation, nobodys)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert _without(foreign, tenants.ids) == _without(missing, nobodys)


@pytest.mark.parametrize("operation", LISTS)
def test_lists_and_sums_hold_nothing_of_another_project(tenants: Tenants, operation: str) -> None:
    """Whatever is asked for by name."""
    plain = _asked(tenants.ours, operation, {})

    assert plain.status_code == 200
    assert not [value for value in tenants.ids.values() if value in plain.text]
    assert CANARY not in plain.text


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("POST /v1/replays", {"trace_id": "trace_id"}),
        ("POST /v1/replays", {"session_id": "session_id"}),
        ("POST /v1/golden-tests", {"trace_id": "trace_id", "name": CANARY}),
        ("POST /v1/golden-tests/run", {"test_ids": ["test_id"]}),
    ],
    ids=str,
)
def test_nothing_is_made_of_what_another_project_has(
    tenants: Tenants, operation: str, body: dict[str, Any]
) -> None:
    """Ids in bodies are ids of nobody as well."""
    method, path = operation.split()
    nobodys = {name: _of_nobody(value) for name, value in tenants.ids.items()}

    foreign, missing = (
        tenants.ours.request(method, path, json=_with_ids(body, ids))
        for ids in (tenants.ids, nobodys)
    )

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert _without(foreign, tenants.ids) == _without(missing, nobodys)


def test_a_runner_is_given_nothing_of_another_project(tenants: Tenants) -> None:
    """A replay waits there for a process with the agent's code; here there is nothing to do."""
    given = tenants.ours.post("/v1/runner/claim", json={})

    assert (given.status_code, given.json()["replay"]) == (200, None)


@pytest.mark.parametrize("name", ["session_id", "user_id", "tag"])
def test_filters_find_nothing_of_another_project(tenants: Tenants, name: str) -> None:
    """Names that both have are two names."""
    assert tenants.ours.get("/v1/traces", params={name: CANARY}).json()["total"] == 0
    assert tenants.theirs.get("/v1/traces", params={name: CANARY}).json()["total"] == 1


def test_the_same_name_is_another_thing_in_each_project(tenants: Tenants) -> None:
    """An event into a session of the same name goes into one's own."""
    event = {"event_type": "custom", "session_id": CANARY, "trace_id": tenants.ids["trace_id"]}

    answer = tenants.ours.post("/v1/events", json=event)

    assert answer.status_code == 201
    assert answer.json()["step_number"] == 1
    ours = tenants.ours.get(f"/v1/traces/{tenants.ids['trace_id']}").json()
    assert ours["step_count"] == 1
    assert ours["name"] is None
    tenants.ours.delete(f"/v1/traces/{tenants.ids['trace_id']}").raise_for_status()


def _asked(client: httpx.Client, operation: str, ids: Ids) -> httpx.Response:
    method, path = operation.split()
    body = BODIES.get(operation, {} if method in {"POST", "PATCH", "PUT"} else None)
    return client.request(method, path.format(**ids), json=body)


def _with_ids(body: dict[str, Any], ids: Ids) -> dict[str, Any]:
    """With values that name an id in its place."""
    return {
        key: [ids[name] for name in value] if isinstance(value, list) else ids.get(value, value)
        for key, value in body.items()
    }


def _without(answer: httpx.Response, ids: Ids) -> tuple[str, set[str]]:
    """What was said besides the ids, and which headers there were."""
    text = answer.text
    for value in ids.values():
        text = text.replace(value, "ID")
    return text, set(answer.headers)


def _of_nobody(value: str) -> str:
    kind = re.match(r"[a-z]+_", value)
    return new_id(kind[0][:-1]) if kind else f"nobody-{value}"


def _client(base_url: str, database: Database, project: str) -> httpx.Client:
    headers = _headers(database, project, ("read", "write", "replay", "admin"))
    return httpx.Client(base_url=base_url, headers=headers, timeout=30)


def client_of(base_url: str, database: Database, project: str, *scopes: str) -> httpx.Client:
    """A client of the API with a key of a project that may do so much."""
    headers = _headers(database, project, scopes)
    return httpx.Client(base_url=f"{base_url}/v1", headers=headers, timeout=30)


def _headers(database: Database, project: str, scopes: Sequence[str]) -> dict[str, str]:
    key = new_key()
    with database.writing() as connection:
        keys.created(
            connection,
            projects.ensured(connection, project),
            name="test",
            digest=digest(key),
            shown=hint(key),
            scopes=tuple(scopes),
            expires_at=None,
        )
    return {"Authorization": f"Bearer {key}"}


def _one_of_everything(client: httpx.Client) -> dict[str, str]:
    """Ids by the name of the parameter that asks for them."""
    with httpx.Client(base_url=f"{client.base_url}/v1", headers=client.headers) as api:
        named = {"session_id": CANARY, "user_id": CANARY, "name": CANARY, "tags": [CANARY]}
        trace = stored(api, a_trace(**named))
        event = {"event_type": "custom", "session_id": "another", "event_id": CANARY}
        api.post("/events", json=event).raise_for_status()
        hook = {"url": "https://example.com/", "events": ["trace.error"], "active": True}
        webhook = api.post("/webhooks", json=hook).json()["id"]
        delivery = api.post(f"/webhooks/{webhook}/test").json()["id"]
        api.patch(f"/webhooks/{webhook}", json={"active": False}).raise_for_status()
        replay = {"trace_id": trace["id"], "start_paused": True}
        replay_id = api.post("/replays", json=replay).json()["replay_id"]
        attached = {"trace_id": trace["id"], "executor": "runner"}
        api.post("/replays", json=attached).raise_for_status()
        golden = {"trace_id": trace["id"], "name": CANARY, "tags": [CANARY]}
        test_id = api.post("/golden-tests", json=golden).json()["id"]
        run_id = api.post("/golden-tests/run", json={"executor": "runner"}).json()["run_id"]
        verdict = {"test_id": test_id, "status": "passed"}
        results = {"results": [verdict]}
        api.post(f"/golden-tests/runs/{run_id}/results", json=results).raise_for_status()
    return {
        "replay_id": replay_id,
        "test_id": test_id,
        "run_id": run_id,
        "trace_id": trace["id"],
        "session_id": CANARY,
        "event_id": CANARY,
        "webhook_id": webhook,
        "delivery_id": delivery,
    }
