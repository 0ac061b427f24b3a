"""Whoever makes a replay is killed in the middle of a call: somebody else goes on from there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from local_provider import Ask, Call, Provider, Reply, Say, Wait
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.storage.checking import problems
from tests.server.traces import ANSWER, refund
from tests.server.waiting import over, until

SHORT_LEASE = """
from pytest_opswald.server.storage import replays
replays.LEASE = 2 * 10**6
"""
SERVER = (
    SHORT_LEASE
    + """
import socket, sys, uvicorn
from pytest_opswald.server.app import create_app
from pytest_opswald.server.settings import ServerSettings
settings = ServerSettings(db=sys.argv[1], replay_hands=int(sys.argv[3]), queue=sys.argv[4])
server = uvicorn.Server(uvicorn.Config(create_app(settings), ws="none"))
server.run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
"""
)
WORKER = (
    SHORT_LEASE
    + """
import sys
from pytest_opswald.cli import main
main(["worker", "--db", sys.argv[1], "--queue", sys.argv[2]])
"""
)
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
    said = {"OPENAI_BASE_URL": f"{provider.url}/v1", "OPENAI_API_KEY": "any"}
    return dict(os.environ) | said


@contextmanager
def server(db: str, provider: Provider, *, hands: int = 2, queue: str = "own") -> Iterator[Any]:
    """A server's process and a client of it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        fd, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, "-c", SERVER, db, str(fd), str(hands), queue]
        running = subprocess.Popen(
            command, pass_fds=[fd], stderr=subprocess.DEVNULL, env=variables(provider)
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", timeout=60) as api:
            yield running, api
    finally:
        running.kill()
        running.wait()


@contextmanager
def worker(db: str, provider: Provider, queue: str) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen([sys.executable, "-c", WORKER, db, queue], env=variables(provider))
    try:
        yield running
    finally:
        running.terminate()
        assert running.wait(timeout=30) is not None


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
        running.kill()
    model.may_answer.set()

    with server(db, provider) as (_, api):
        check(api, replay_id, provider, db)


@pytest.mark.parametrize("queue", ["own", "procrastinate"])
def test_another_worker_takes_over(db: str, provider: Provider, model: Model, queue: str) -> None:
    """From one that was killed, beside a server that makes no replays itself."""
    if queue == "procrastinate":
        pytest.importorskip("procrastinate")
        if db.startswith("sqlite"):
            pytest.skip("Procrastinate works on PostgreSQL alone")
    with server(db, provider, hands=0, queue=queue) as (_, api):
        replay_id = start(api)
        with worker(db, provider, queue) as first:
            assert model.is_asked.wait(60)
            first.kill()
        model.may_answer.set()
        until(api, f"/replays/{replay_id}", lambda said: said["status"] == "running")

        with worker(db, provider, queue):
            check(api, replay_id, provider, db)
