"""Golden tests and their runs, begun, changed and deleted at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, text

from pytest_opswald.api.golden_tests import RunBody
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.database.replay_tables import golden_tests as tests
from pytest_opswald.server.database.replay_tables import replays
from pytest_opswald.server.database.replay_tables import snapshots as kept
from pytest_opswald.server.storage import golden_runs, golden_tests, traces
from pytest_opswald.server.storage.projects import Project
from pytest_opswald.server.storage.snapshots import Taken
from pytest_opswald.server.work.recorded import recorded
from pytest_opswald.server.work.starting import begin_run
from tests.server.traces import STEPS

WAITING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
Work = Callable[[Connection], Any]


@pytest.fixture
def snapshot(database: Database, project: Project) -> Taken:
    """Of the refund."""
    said = {"id": "trace_a", "started_at": "2026-03-17T14:15:32Z", "steps": STEPS}
    body = TraceBody.model_validate(said)
    with database.writing() as connection:
        traces.imported(connection, project, body, traces.prepared(project, body))
        return recorded(connection, project, "trace_a").snapshot


@pytest.fixture
def test_id(database: Database, project: Project, snapshot: Taken) -> str:
    fields = {"trace_id": "trace_a", "name": uuid4().hex, "tags": (), "expected_outcome": {}}
    with database.writing() as connection:
        return golden_tests.created(connection, project, fields, snapshot)


def begun(connection: Connection, project: Project, body: RunBody) -> str:
    """The run with that id, there already or not."""
    assert body.run_id
    if there := golden_runs.begun_as(connection, project, body.run_id):
        return str(there.id)
    chosen = golden_tests.chosen(connection, project, body.test_ids, (), lock=True)
    return begin_run(connection, project, body, chosen)


def at_once(database: Database, first: Work, second: Work) -> Any:
    """What the second comes to, which was begun before the first was kept."""

    def in_a_transaction() -> Any:
        with database.writing() as connection:
            return second(connection)

    with ThreadPoolExecutor(1) as hands:
        with database.writing() as connection:
            first(connection)
            other = hands.submit(in_a_transaction)
            while not other.done() and not somebody_waits(database):
                time.sleep(0.01)
        return other.result(timeout=60)


def somebody_waits(database: Database) -> bool:
    """On SQLite whoever comes second."""
    if database.file:
        return True
    with database.reading() as connection:
        return connection.execute(WAITING).first() is not None


def snapshots_in(database: Database) -> tuple[set[int], set[int]]:
    """Those that are there, and those that somebody relies on."""
    with database.reading() as connection:
        there = set(connection.scalars(select(kept.c.pk)))
        held = {*connection.scalars(select(tests.c.snapshot_pk))}
        return there, held | {*connection.scalars(select(replays.c.snapshot_pk))}


def test_of_two_changes_one_snapshot_stays(
    database: Database, project: Project, snapshot: Taken, test_id: str
) -> None:
    """That of the second; that of the first goes with it."""

    def change(connection: Connection) -> None:
        golden_tests.changed(connection, project, test_id, {"trace_id": "trace_a"}, snapshot)

    at_once(database, change, change)

    there, held = snapshots_in(database)
    assert there == held


def test_a_run_keeps_what_it_replays_though_its_test_is_deleted(
    database: Database, project: Project, test_id: str
) -> None:
    """The deletion waits until the run has begun, and then sees it."""
    body = RunBody(run_id=f"run_{uuid4().hex}", test_ids=[test_id])

    at_once(
        database,
        lambda connection: begun(connection, project, body),
        lambda connection: golden_tests.deleted(connection, project, test_id),
    )

    there, held = snapshots_in(database)
    assert there == held


def test_a_run_that_is_asked_for_twice_at_once_is_one(
    database: Database, project: Project, test_id: str
) -> None:
    """Who comes second is told of the run that the first began."""
    body = RunBody(run_id=f"run_{uuid4().hex}", test_ids=[test_id])

    def begin(connection: Connection) -> str:
        return begun(connection, project, body)

    assert at_once(database, begin, begin) == body.run_id
