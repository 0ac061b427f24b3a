"""Many traces, quickly: a few are stored as they always are, then copied within the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, String, cast, delete, insert, literal, select

from pytest_opswald.api.traces import TraceBody
from pytest_opswald.server.database import tables
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.storage import projects, recounting, tallies, traces

from .said import MODELS, steps

PATTERNS = 10
_SHIFTED = {"pk", "trace_pk", "holder_pk"}
_APART = 200 * 10**6
"""Microseconds between two traces: 100,000 of them make 23 days."""


def filled(file: Path, *, traces_: int, steps_: int) -> None:
    """A database of so many traces, each of so many steps."""
    with opened(f"sqlite:///{file}") as database:
        upgrade(database)
        with database.writing() as connection:
            for number in range(PATTERNS):
                stored(connection, _pattern(number, steps_))
            _copy(connection, traces_ // PATTERNS - 1)
            _count(connection)


def stored(connection: Connection, body: TraceBody) -> None:
    """Store a trace as a route does."""
    project = projects.ensured(connection)
    traces.imported(connection, project, body, traces.prepared(project, body))


def _pattern(number: int, count: int) -> TraceBody:
    return TraceBody.model_validate(
        {
            "started_at": datetime.now(UTC) - timedelta(seconds=2 * number),
            "user_id": f"user_{number}",
            "tags": ["nightly"] if number % 5 == 0 else [],
            "steps": steps(count, MODELS[number % len(MODELS)]),
        }
    )


def _copy(connection: Connection, times: int) -> None:
    for name in ("traces", "trace_models", "trace_tags", "steps", "payloads", "payload_heads"):
        table = tables.metadata.tables[name]
        numbers = select(literal(1, Integer).label("k")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.k + 1).where(numbers.c.k < times))
        columns = [_copied(column, numbers.c.k) for column in table.columns]
        copies = select(*columns).select_from(table.join(numbers, literal(times) > 0))
        connection.execute(insert(table).from_select([c.name for c in table.columns], copies))


def _count(connection: Connection) -> None:
    """Until here tallies know of the patterns alone."""
    project = projects.ensured(connection)
    counted = recounting.counted(connection, project)
    connection.execute(delete(tables.tallies))
    tallies.changed(connection, project, after=counted)


def _copied(column: Any, k: Any) -> Any:
    if column.name in _SHIFTED:
        return column + k * PATTERNS
    if column is tables.traces.c.id:
        return column.concat(cast(k, String))
    if column.name in {"started_at", "ended_at"}:
        return column - k * _APART
    return column
