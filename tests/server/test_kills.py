"""Whoever works on a database is killed at any moment, again and again, while others write.

`OPSWALD_KILL_ROUNDS` says how often; a few times show that this test works.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from local_provider import Ask, Call, Provider, Reply, Say, Wait
from pytest_opswald.server.database.engine import opened, sqlite_file
from pytest_opswald.server.database.replay_tables import replays
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage.checking import problems
from tests.server import killable
from tests.server.traces import ANSWER, refund
from tests.server.waiting import Document, over
from tests.server.writers import Writers

ROUNDS = int(os.environ.get("OPSWALD_KILL_ROUNDS", "3"))
LATER_SECONDS = 20
"""So much later is it for whoever comes next: more than a lease."""
LIVE_REPLAYS, LIVE_CALLS = 2, 2
"""Replays of a round that ask a model, and how often each does."""


class Model:
    """Answers like the recording, and counts the calls of each replay."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.asked = Event()
        self._dice = random.Random(20261122)

    def __call__(self, ask: Ask) -> Reply:
        self.calls[ask.system] += 1
        self.asked.set()
        said = Say(ANSWER) if ask.results else Call("lookup_order", order_id=42)
        return [Wait(self._dice.uniform(0, 0.1)), said]


class Killer:
    """Kills one after the other, and looks at what they leave."""

    def __init__(self, name: str, model: Model) -> None:
        self.writers = Writers(name)
        self.kills: Counter[str] = Counter()
        """How often somebody was killed while a replay was not over."""
        self.started: set[str] = set()
        """Ids of replays, as far as they were told."""
        self._left: list[str] = []
        """Ids of replays that are not over."""
        self._name, self._model, self._dice = name, model, random.Random(20261122)

    def round(self, url: str, trace_id: str, round_: int, kill: Callable[[], None]) -> None:
        """Kill at a random moment while replays are made and others write."""
        with self.writers.writing(url, round_), ThreadPoolExecutor(1) as hand:
            if round_ % 4:
                self._finish(url)
                self._model.asked.clear()
                starting = hand.submit(self._start, url, trace_id, round_)
                assert self._model.asked.wait(60)
            else:  # perhaps before it has begun
                starting = hand.submit(self._start, url, trace_id, round_)
            time.sleep(self._dice.uniform(0, 0.3))
            kill()
        starting.result()

    def look(self, db: str) -> None:
        """At what is there, after somebody was killed."""
        with opened(db) as database, database.reading() as connection:
            assert [*problems(connection), *self.writers.missing(connection)] == []
            found = connection.execute(select(replays.c.id, replays.c.completed_at)).all()
        assert self.started <= {row.id for row in found}
        self._left = [row.id for row in found if row.completed_at is None]
        self.kills.update(self._left)

    def judge(self, all_told: Iterable[Document]) -> None:
        """Each replay has its end, and each kill cost it at most one call more, which is counted."""
        again = given_up = 0
        for told in all_told:
            kills = self.kills[told["replay_id"]]
            if told["status"] == "failed":
                assert (told["error"]["type"], kills > 1) == ("interrupted", True), told
                given_up += 1
                continue
            assert (told["status"], told["current_step"]) == ("completed", told["total_steps"])
            if told["fidelity"] != "frozen":
                more = self._model.calls[told["modifications"]["prompt"]] - LIVE_CALLS
                assert 0 <= more <= kills
                assert not more or told["spent"] > told["result"]["total_cost"]
                again += more
        assert self.started
        cut = f"{self.kills.total()} replays cut short, {again} calls made again"
        sys.stdout.write(f"{ROUNDS} kills: {self.writers}; {cut}, {given_up} replays given up\n")

    def _finish(self, url: str) -> None:
        """Wait for what was left, which most kills shall not meet a second time."""
        with httpx.Client(base_url=url, timeout=60) as api:
            for replay_id in self._left:
                over(api, f"/replays/{replay_id}")

    def _start(self, url: str, trace_id: str, round_: int) -> None:
        said = {"trace_id": trace_id, "mode": "batch"}
        bodies = [said] + [
            said | {"modifications": {"model": "gpt-5", "prompt": f"{self._name} {round_}.{n}"}}
            for n in range(LIVE_REPLAYS)
        ]
        with httpx.Client(base_url=url, timeout=60) as api, suppress(httpx.TransportError):
            for body in bodies:
                told = api.post("/replays", json=body).raise_for_status().json()
                self.started.add(told["replay_id"])


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def provider(model: Model) -> Iterator[Provider]:
    with Provider(model) as running:
        yield running


@pytest.fixture
def serving(db: str, provider: Provider) -> Callable[..., AbstractContextManager[Any]]:
    """A server that comes after so many others."""

    def serve(round_: int, *, hands: int = 4) -> AbstractContextManager[Any]:
        settings = ServerSettings(db=db, replay_hands=hands)
        return killable.server(settings, variables(provider), later=round_ * LATER_SECONDS)

    return serve


def variables(provider: Provider) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"{provider.url}/v1", "OPENAI_API_KEY": "any"}


def test_killed_servers_lose_nothing(db: str, serving: Any, model: Model, tmp_path: Path) -> None:
    """What they acknowledged is there, the database is whole, replays go on."""
    killer = Killer("server", model)
    with serving(0) as (_, url), httpx.Client(base_url=url, timeout=60) as api:
        trace_id = refund(api)
    for round_ in range(1, ROUNDS + 1):
        with serving(round_) as (process, url):
            killer.round(url, trace_id, round_, lambda: killable.kill(process))
        with as_it_was_left(db, tmp_path) as left:
            killer.look(left)

    with serving(ROUNDS + 1) as (_, url), httpx.Client(base_url=url, timeout=60) as api:
        killer.judge(finished(api, trace_id))


def test_killed_workers_lose_nothing(
    db: str, serving: Any, provider: Provider, model: Model
) -> None:
    """Others finish their replays, and nobody else notices."""
    killer = Killer("worker", model)
    with serving(0, hands=0) as (_, url), httpx.Client(base_url=url, timeout=60) as api:
        trace_id = refund(api)
        for round_ in range(1, ROUNDS + 1):
            later = round_ * LATER_SECONDS
            with killable.worker(db, variables(provider), later=later) as process:
                killer.round(url, trace_id, round_, lambda: killable.kill(process))
            killer.look(db)

        with killable.worker(db, variables(provider), later=(ROUNDS + 1) * LATER_SECONDS):
            killer.judge(finished(api, trace_id))


@contextmanager
def as_it_was_left(db: str, folder: Path) -> Iterator[str]:
    """The database, for a look that does not put it in order before the next server does."""
    file = sqlite_file(db)
    if file is None:
        yield db
        return
    for left in file.parent.glob(f"{file.name}*"):
        shutil.copy(left, folder)
    yield f"sqlite:///{folder / file.name}"
    for copied in folder.iterdir():
        copied.unlink()


def finished(api: httpx.Client, trace_id: str) -> Iterator[Document]:
    """All replays of the trace, when they are over."""
    cursor: dict[str, str] = {}
    while True:
        page = api.get("/replays", params=cursor).raise_for_status().json()
        for told in page["replays"]:
            if told["trace_id"] == trace_id:
                yield over(api, f"/replays/{told['replay_id']}")
        if not page["has_more"]:
            return
        cursor = {"cursor": page["pagination"]["next_cursor"]}
