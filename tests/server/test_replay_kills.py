"""Whoever makes a replay is killed in the middle of a call: somebody else goes on from there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from local_provider import Ask, Call, Provider, Reply, Say, Wait
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.settings import Queue, ServerSettings
from pytest_opswald.server.storage.checking import problems
from tests.server import killable
from tests.server.traces import ANSWER, refund
from tests.server.waiting import over, until

LATER_SECONDS = 20
"""So much later is it for whoever goes on: more than a lease."""
BODY = {"mode": "batch", "modifications": {"model": "gpt-5"}}


class Model:
    """Answers like the recording, but not the second call before it may."""

    def __init__(self) -> None:
        self.may_answer, self.is_asked = threading.Event(), threading.Event()

    def __call__(self, ask: Ask) -> Reply:
        if not ask.results:
            return Call("lookup_order", order_id=42)
        self.is_asked.set()
        return Say(ANSWER) if self.may_answer.is_set() else [Wait(self.may_answer), Say(ANSWER)]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def provider(model: Model) -> Iterator[Provider]:
    with Provider(model) as running:
        yield running
        model.may_answer.set()


def variables(provider: Provider) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"{provider.url}/v1", "OPENAI_API_KEY": "any"}


@contextmanager
def server(
    db: str, provider: Provider, *, hands: int = 2, queue: Queue = "own", later: float = 0
) -> Iterator[Any]:
    """A server's process and a client of it."""
    settings = ServerSettings(db=db, replay_hands=hands, queue=queue)
    with (
        killable.server(settings, variables(provider), later=later) as (running, url),
        httpx.Client(base_url=url, timeout=60) as api,
    ):
        yield running, api


def start(api: httpx.Client) -> str:
    return str(api.post("/replays", json={"trace_id": refund(api), **BODY}).json()["replay_id"])


def check(api: httpx.Client, replay_id: str, provider: Provider, db: str) -> None:
    """It ended, one call was made twice, and both times were counted."""
    said = over(api, f"/replays/{replay_id}")
    assert (said["status"], said["current_step"]) == ("completed", 6)
    assert len(provider.requests) == 3
    assert said["spent"] > said["result"]["total_cost"]
    assert said["result"]["changes_from_original"][0]["field"] == "model"
    with opened(db) as database, database.reading() as connection:
        assert list(problems(connection)) == []


def test_a_killed_server_goes_on(db: str, provider: Provider, model: Model) -> None:
    """With the answers it has: only the call that was under way is made once more."""
    with server(db, provider) as (running, api):
        replay_id = start(api)
        assert model.is_asked.wait(60)
        killable.kill(running)
    model.may_answer.set()

    with server(db, provider, later=LATER_SECONDS) as (_, api):
        check(api, replay_id, provider, db)


@pytest.mark.parametrize("queue", ["own", "procrastinate"])
def test_another_worker_takes_over(db: str, provider: Provider, model: Model, queue: Queue) -> None:
    """From one that was killed, beside a server that makes no replays itself."""
    if queue == "procrastinate":
        pytest.importorskip("procrastinate")
        if db.startswith("sqlite"):
            pytest.skip("Procrastinate works on PostgreSQL alone")
    with server(db, provider, hands=0, queue=queue) as (_, api):
        replay_id = start(api)
        with killable.worker(db, variables(provider), queue=queue, later=0) as first:
            assert model.is_asked.wait(60)
            killable.kill(first)
        model.may_answer.set()
        until(api, f"/replays/{replay_id}", lambda said: said["status"] == "running")

        with killable.worker(db, variables(provider), queue=queue, later=LATER_SECONDS):
            check(api, replay_id, provider, db)
