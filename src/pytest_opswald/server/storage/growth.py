"""Counts a step that came as an event: to its model, and to the sums its trace is part of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from pytest_opswald.server.database import units, upserts
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.tables import trace_models, trace_tags

from . import tallies
from .projects import Project
from .steps import Row


def counted(connection: Connection, project: Project, before: Row, after: Row, step: Row) -> None:
    """`before` and `after` are the trace without and with the step."""
    is_new, pk = "pk" not in before, step["trace_pk"]
    if is_new or before["started_at"] == after["started_at"]:
        calls_before, calls_after = _called(connection, after, step) if step["model"] else ([], [])
        counted_before = {} if is_new else tallies.of(before, calls_before)
        counted_after = tallies.of(after, calls_after)
    else:
        counted_before = tallies.stored(connection, project, before, pk)
        _moved(connection, project, pk, after["started_at"])
        if step["model"]:
            _called(connection, after, step)
        counted_after = tallies.stored(connection, project, after, pk)
    tallies.changed(connection, project, before=counted_before, after=counted_after)


def _called(connection: Connection, trace: Row, step: Row) -> tuple[list[Row], list[Row]]:
    """The row of the step's model without the call, if there was one, and with it."""
    own = {name: step[name] for name in _OWN}
    before = _CALLS.row(connection, {f"its_{name}": value for name, value in own.items()})
    calls, cost = (before["calls"], before["cost"]) if before else (0, 0)
    after = own | {
        "started_at": trace["started_at"],
        "calls": calls + 1,
        "cost": min(cost + step["cost"], units.MOST_UNITS),
    }
    _CALLED.run(connection, after)
    return ([own | before] if before else []), [after]


_OWN = ("project_id", "trace_pk", "model")
_CALLS = Direct(
    lambda _: select(trace_models.c.calls, trace_models.c.cost).where(
        *(trace_models.c[name] == bindparam(f"its_{name}") for name in _OWN)
    )
)


def _upsert(dialect: str) -> Any:
    new = upserts.insert(dialect, trace_models)
    changed = {name: new.excluded[name] for name in ("calls", "cost")}
    return new.on_conflict_do_update(index_elements=list(trace_models.primary_key), set_=changed)


_CALLED = Direct(_upsert)


def _moved(connection: Connection, project: Project, pk: int, started_at: int) -> None:
    """The trace began earlier than was known."""
    for table in (trace_models, trace_tags):
        own = table.c.project_id == project.id, table.c.trace_pk == pk
        connection.execute(update(table).where(*own).values(started_at=started_at))
