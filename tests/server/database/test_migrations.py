"""Databases of earlier releases keep what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert, select, update

from pytest_opswald.api.traces import TraceQuery
from pytest_opswald.server.database import schema, units
from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.database.tables import blobs, msg_chain, payload_heads
from pytest_opswald.server.storage import payloads, projects, recounting, spending
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.storage.payloads import Holder
from pytest_opswald.server.storage.traces import listed

NOON = 1_773_748_800_000_000
"""2026-03-17, in microseconds."""
HOUR = 3_600_000_000


@pytest.fixture
def database(db: str) -> Iterator[Database]:
    """One that nothing has been done to."""
    with opened(db) as database:
        yield database
        made = MetaData()
        made.reflect(database.engine)
        made.drop_all(database.engine)


def at_revision(connection: Connection, revision: str) -> MetaData:
    """The tables of an earlier release, made."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    tables = MetaData()
    tables.reflect(connection)
    return tables


def a_trace(pk: int, project_id: int) -> dict[str, object]:
    return {
        "project_id": project_id,
        "pk": pk,
        "id": f"trace_{pk}",
        "session_id": "s",
        "user_id": "ann" if pk % 2 else None,
        "started_at": NOON + pk * 9 * HOUR,
        "status": "error" if pk % 3 == 0 else "completed",
        "steps": 0,
        "errors": pk % 3,
        "cost": 10**17 + pk,
        "tokens_in": pk,
        "tokens_out": 1,
        "models": "[]",
        "tags": "[]",
        "metadata": b"{}",
    }


def test_what_was_never_tallied_is_counted(database: Database) -> None:
    """Before there were tallies: traces, their models and their tags, of all projects."""
    with database.writing() as connection:
        tables = at_revision(connection, "0003").tables
        project = projects.ensured(connection)
        other = projects.ensured(connection, "other")
        rows = [a_trace(pk, project.id if pk < 7 else other.id) for pk in range(1, 10)]
        connection.execute(insert(tables["traces"]), rows)
        own = [{"project_id": row["project_id"], "trace_pk": row["pk"]} for row in rows]
        models = [each | {"model": "m", "calls": 2, "cost": 10**11} for each in own]
        connection.execute(insert(tables["trace_models"]), models)
        connection.execute(insert(tables["trace_tags"]), [each | {"tag": "t"} for each in own])

    schema.upgrade(database)

    with database.reading() as connection:
        assert list(recounting.wrong(connection, project)) == []
        assert list(recounting.wrong(connection, other)) == []
        page = listed(connection, project, window(TraceQuery(model="m", tag="t")))
        assert [trace.id for trace in page.traces] == [f"trace_{n}" for n in range(6, 0, -1)]
        assert recounting.counted(connection, other) != {}


def test_what_was_spent_today_stays_spent(database: Database) -> None:
    """Before there was an account of it: the answers of a day count, older ones do not."""
    now = units.now()
    ages = (0, 5 * HOUR, 23 * HOUR, 30 * HOUR)
    with database.writing() as connection:
        tables = at_revision(connection, "0004").tables
        project = projects.ensured(connection)
        answer = {"project_id": project.id, "replay_pk": 1, "step": 1, "attempts": 1}
        rows = [
            answer | {"n": n, "dropped": False, "cost": 10**n, "at": now - age}
            for n, age in enumerate(ages)
        ]
        connection.execute(insert(tables["replay_answers"]), rows)

    schema.upgrade(database)

    with database.reading() as connection:
        assert spending.of_a_day(connection, project) == 111


def test_conversations_of_before_are_read_and_deleted(database: Database) -> None:
    """Kept uncompressed by a release that compressed long texts alone."""
    said = [{"messages": [{"role": "user", "content": f"{n} words " * 60}] * 3} for n in range(3)]
    with database.writing() as connection:
        tables = at_revision(connection, "0006").tables
        project = projects.ensured(connection)
        new = payloads.prepared(said, project)
        payloads.keep(connection, project, Holder.REPLAY, 1, new)
        for name, content in new.links.blobs.items():
            kept = update(tables["blobs"]).where(tables["blobs"].c.hash == name)
            connection.execute(kept.values(data=b"\0" + content))

    schema.upgrade(database)

    with database.writing() as connection:
        read = payloads.read(connection, project, Holder.REPLAY, 1)
        assert list(read.values()) == said
        payloads.drop(connection, project, Holder.REPLAY, 1)
        for table in (blobs, msg_chain, payload_heads):
            assert connection.execute(select(table)).all() == []
