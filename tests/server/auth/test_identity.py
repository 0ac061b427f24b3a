"""Who may do what, through a real server on each database."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from pytest_opswald.api.ids import new_id
from pytest_opswald.server.auth import identity
from pytest_opswald.server.auth.keys import digest, hint, new_key
from pytest_opswald.server.database import tables
from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.storage import audit, keys, projects
from tests.server.test_traces import a_trace, problem, stored
from tests.server.waiting import eventually

MakeKey = Callable[..., str]


@pytest.fixture(scope="module")
def database(db: str, api: httpx.Client) -> Iterator[Database]:
    """That of the server, which has made its tables."""
    api.get("/traces").raise_for_status()
    with opened(db) as there:
        yield there


@pytest.fixture(scope="module")
def make_key(database: Database) -> MakeKey:
    def made(*scopes: str, project: str = "default", expires_at: datetime | None = None) -> str:
        key = new_key()
        with database.writing() as connection:
            keys.created(
                connection,
                projects.ensured(connection, project),
                name="test",
                digest=digest(key),
                shown=hint(key),
                scopes=scopes,
                expires_at=expires_at,
            )
        return key

    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [("read", 200, 403), ("write", 403, 201), ("replay", 403, 403), ("admin", 403, 403)],
)
def test_a_key_may_do_what_its_scopes_say(api, make_key: MakeKey, scope, reads, writes) -> None:
    """And nothing else: 403 with the scope that is missing."""
    headers = bearer(make_key(scope))

    assert api.get("/traces", headers=headers).status_code == reads
    assert api.post("/traces", json=a_trace(), headers=headers).status_code == writes


def test_a_missing_scope_is_named(api, make_key: MakeKey) -> None:
    """In the envelope of the vendor's page."""
    error = problem(api.post("/traces", json=a_trace(), headers=bearer(make_key("read"))), 403)

    assert error["type"] == "authorization_error"
    assert error["details"]["expected"] == "a key with scope write"


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(f"Bearer {new_key()}", id="of nobody"),
        pytest.param("Bearer ops_abc123", id="no key at all"),
        pytest.param("Bearer", id="nothing"),
        pytest.param("", id="empty"),
        pytest.param(f"Basic {new_key()}", id="another scheme"),
        pytest.param(new_key(), id="no scheme"),
    ],
)
def test_a_wrong_key_is_refused_where_none_is_needed(api, authorization) -> None:
    """Whoever shows a key means it."""
    answer = api.get("/traces", headers={"Authorization": authorization})

    assert problem(answer, 401)["type"] == "authentication_error"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_may_be_in_any_case(api, make_key: MakeKey) -> None:
    """As HTTP has it."""
    key = make_key("read")

    assert api.get("/traces", headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_an_expired_key_is_refused(api, make_key: MakeKey) -> None:
    """From its last second on."""
    past = datetime.now(UTC) - timedelta(seconds=1)

    assert api.get("/traces", headers=bearer(make_key("read", expires_at=past))).status_code == 401


def test_a_revoked_key_is_refused(api, make_key: MakeKey, database: Database) -> None:
    """Before it was ever used: at once."""
    key = make_key("read")
    with database.writing() as connection:
        [revoked] = [each for each in keys.listed(connection) if each.shown == hint(key)]
        keys.revoked(connection, revoked.id)

    assert api.get("/traces", headers=bearer(key)).status_code == 401


def test_the_use_of_a_key_is_noted(api, make_key: MakeKey, database: Database) -> None:
    """Lists tell which keys nobody needs any more."""
    key = make_key("read")
    api.get("/traces", headers=bearer(key))

    used_at = eventually(lambda: last_used_at(database, key), bool)

    assert used_at
    assert datetime.now(UTC) - used_at < timedelta(minutes=2)


def test_whoever_reads_does_not_wait_for_writers(
    api, make_key: MakeKey, database: Database
) -> None:
    """Nor does noting that his key is in use: that waits behind the answer."""
    key = make_key("read")

    with database.writing():
        assert api.get("/traces", headers=bearer(key)).status_code == 200

    eventually(lambda: last_used_at(database, key), bool)


def last_used_at(database: Database, key: str) -> datetime | None:
    with database.reading() as connection:
        [used] = [each for each in keys.listed(connection) if each.shown == hint(key)]
    return used.last_used_at


def test_without_a_key_nothing_of_a_body_is_looked_at(api: httpx.Client) -> None:
    """However it is packed: who may not come in learns that and nothing else."""
    bomb = gzip.compress(b"[" * 1_000_000)
    headers = {"Content-Encoding": "gzip", "X-Forwarded-For": "192.0.2.7"}

    for path in ("/traces", "/events", "/nowhere"):
        problem(api.post(path, content=bomb, headers=headers), 401)


def test_a_key_that_was_in_use_is_looked_up_again(
    api, make_key: MakeKey, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked, it opens nothing once it is forgotten."""
    monkeypatch.setattr(identity, "REMEMBERED", 0)
    key = make_key("read")
    assert api.get("/traces", headers=bearer(key)).status_code == 200

    with database.writing() as connection:
        [used] = [each for each in keys.listed(connection) if each.shown == hint(key)]
        keys.revoked(connection, used.id)

    assert api.get("/traces", headers=bearer(key)).status_code == 401


def test_a_trace_of_another_project_is_a_trace_that_is_not_there(api, make_key: MakeKey) -> None:
    """The same status, the same words: nobody learns which ids exist elsewhere."""
    ours = bearer(make_key("read", "write", project="ours"))
    theirs = stored(api, a_trace())["id"]
    missing = new_id("trace")

    for method in ("GET", "DELETE"):
        foreign = api.request(method, f"/traces/{theirs}", headers=ours)
        absent = api.request(method, f"/traces/{missing}", headers=ours)
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert foreign.text.replace(theirs, missing) == absent.text
    assert api.get("/traces", headers=ours).json()["total"] == 0
    assert api.get(f"/traces/{theirs}").status_code == 200


def test_what_is_taken_away_is_recorded(api, make_key: MakeKey, database: Database) -> None:
    """By whom, in the chain of the audit log."""
    trace = stored(api, a_trace())["id"]

    api.delete(f"/traces/{trace}", headers=bearer(make_key("write"))).raise_for_status()

    with database.reading() as connection:
        told = connection.execute(select(tables.audit).order_by(tables.audit.c.seq.desc())).first()
        assert told is not None
        assert (told.action, told.target) == ("trace.deleted", trace)
        assert told.actor.startswith("key_")
        assert audit.verified(connection).broken_at is None


def test_every_answer_says_what_is_left_of_the_rate(api) -> None:
    """Those of unknown callers and of paths that do not exist, too."""
    for path, headers in (("/traces", {}), ("/nothing", {}), ("/traces", bearer("wrong"))):
        answer = api.get(path, headers=headers)
        assert answer.headers["X-RateLimit-Limit"] == "60000"
        assert 0 < int(answer.headers["X-RateLimit-Remaining"]) <= 60000
