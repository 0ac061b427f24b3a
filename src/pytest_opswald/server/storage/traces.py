"""Traces: written once, listed by what their rows say, opened with their payloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from pytest_opswald.api.ids import new_id
from pytest_opswald.api.traces import TraceBody, TracePage, TraceQuery
from pytest_opswald.server.database import tables
from pytest_opswald.server.database.tables import trace_models, trace_tags, traces
from pytest_opswald.server.database.turns import in_turn
from pytest_opswald.server.database.units import milliseconds, usd
from pytest_opswald.server.problems import ApiProblem, invalid, not_found

from . import outbox, payloads, replays, sessions, tallies
from .cursors import Window
from .opened import Opened, summary
from .pages import sliced
from .payloads import Holder
from .projects import Project
from .steps import Row
from .trace_filters import filtered, total
from .trace_rows import TraceRows, rows_of


def listed(connection: Connection, project: Project, window: Window[TraceQuery]) -> TracePage:
    """One page of traces, newest first."""
    found, started = filtered(project, window.filters)
    in_all = total(connection, project, window.filters)
    page = sliced(connection, found, window, at=started, identifier=traces.c.id, total=in_all)
    return page.page(TracePage, "traces", [summary(row, project) for row in page.rows])


def opened(connection: Connection, project: Project, trace_id: str) -> Opened:
    """Raises ApiProblem when there is none."""
    row = row_of(connection, project, trace_id)
    found = tables.steps.c
    skeletons = connection.execute(
        select(tables.steps)
        .where(found.project_id == project.id, found.trace_pk == row.pk)
        .order_by(found.n)
    ).all()
    return Opened(row, skeletons, payloads.read(connection, project, Holder.TRACE, row.pk), project)


def latest_of(connection: Connection, project: Project, session_id: str) -> str:
    """Id of the newest trace of a session that has ended. Raises ApiProblem when there is none."""
    own = select(traces).where(
        traces.c.project_id == project.id,
        traces.c.session_id == session_id,
        traces.c.status != "running",
    )
    newest = own.order_by(traces.c.started_at.desc(), traces.c.id.desc()).limit(1)
    if row := connection.execute(newest).one_or_none():
        return str(row.id)
    raise not_found("finished trace of session", session_id)


def row_of(connection: Connection, project: Project, trace_id: str) -> Any:
    """Raises ApiProblem when there is none."""
    if row := _found(connection, project, trace_id):
        return row
    raise not_found("trace", trace_id)


def _found(connection: Connection, project: Project, trace_id: str) -> Any:
    return connection.execute(_of(select(traces), project, trace_id)).one_or_none()


def imported(connection: Connection, project: Project, body: TraceBody, new: TraceRows) -> bool:
    """Store a whole trace; whether it takes the place of one with its id.

    Raises ApiProblem when that one belongs to another session.
    """
    there = None if body.id is None else _taken_over(connection, project, body, new)
    if there is None:
        sessions.joined(connection, project, new.trace)
    _insert(connection, project, new)
    told = there is not None and there.status != "running"
    outbox.announce_all(connection, project, [] if told else _news(new))
    return there is not None


def _taken_over(connection: Connection, project: Project, body: TraceBody, new: TraceRows) -> Any:
    """The trace whose place the new one takes, which is deleted; None when there is none."""
    trace_id = new.trace["id"]
    in_turn(connection, project.id, "trace", trace_id)
    if not (there := _found(connection, project, trace_id)):
        return None
    if body.session_id not in {None, there.session_id}:
        raise in_another_session(there.id, there.session_id, field="session_id")
    new.trace["session_id"] = there.session_id
    sessions.joined(connection, project, new.trace)
    # Looked for once more: until its session was ours, an event might have ended it.
    there = _found(connection, project, trace_id)
    _delete(connection, project, trace_id)
    return there


def in_another_session(trace_id: str, session_id: str, *, field: str) -> ApiProblem:
    """What is said to whoever asks for a trace by its id and a session that is not its own."""
    expected = f"a trace of this session, or {session_id}"
    return invalid(f"{trace_id} belongs to another session", field=field, expected=expected)


def prepared(project: Project, body: TraceBody) -> TraceRows:
    """The rows of a trace; ids are made where it has none."""
    return rows_of(
        body,
        project,
        trace_id=body.id or new_id("trace"),
        session_id=body.session_id or new_id("session"),
    )


def deleted(connection: Connection, project: Project, trace_id: str) -> None:
    """Delete a trace, all it said and its replays. Raises ApiProblem when there is none."""
    if not _delete(connection, project, trace_id):
        raise not_found("trace", trace_id)
    replays.forgotten(connection, project, trace_id)


def completed(trace: Row) -> outbox.Event:
    """What is told of a trace that has ended."""
    return "trace.completed", {
        "trace_id": trace["id"],
        "session_id": trace["session_id"],
        "duration_ms": milliseconds(trace["started_at"], trace["ended_at"]),
        "total_cost": usd(trace["cost"]),
        "status": trace["status"],
    }


def failed(trace_id: str, session_id: str, problem: Row) -> outbox.Event:
    """What is told of a step that failed; `problem` is `{type, message, step}`."""
    return "trace.error", {"trace_id": trace_id, "session_id": session_id, "error": problem}


def _news(new: TraceRows) -> Iterator[outbox.Event]:
    for problem in new.problems:
        yield failed(new.trace["id"], new.trace["session_id"], problem)
    if new.trace["status"] != "running":
        yield completed(new.trace)


def _insert(connection: Connection, project: Project, new: TraceRows) -> None:
    own = {"project_id": project.id}
    pk = connection.execute(
        insert(traces).values(own | new.trace).returning(traces.c.pk)
    ).scalar_one()
    own["trace_pk"] = pk
    started = {"started_at": new.trace["started_at"]}
    for table, rows in (
        (tables.steps, new.steps),
        (trace_models, [started | row for row in new.models]),
        (trace_tags, [started | {"tag": tag} for tag in new.tags]),
    ):
        if rows:
            connection.execute(insert(table), [own | row for row in rows])
    payloads.keep(connection, project, Holder.TRACE, pk, new.payloads)
    counted = tallies.of(new.trace, new.models, new.tags)
    tallies.changed(connection, project, after=counted)


def _delete(connection: Connection, project: Project, trace_id: str) -> bool:
    # Locked first: an event that comes meanwhile waits, and then finds no trace.
    asked = _of(select(traces), project, trace_id).with_for_update()
    trace = connection.execute(asked).mappings().one_or_none()
    if trace is None:
        return False
    pk = trace["pk"]
    counted = tallies.stored(connection, project, dict(trace), pk)
    tallies.changed(connection, project, before=counted)
    payloads.drop(connection, project, Holder.TRACE, pk)
    for table in (tables.steps, trace_models, trace_tags):
        connection.execute(
            delete(table).where(table.c.project_id == project.id, table.c.trace_pk == pk)
        )
    connection.execute(delete(traces).where(traces.c.project_id == project.id, traces.c.pk == pk))
    return True


def _of(asked: Select[Any], project: Project, trace_id: str) -> Select[Any]:
    return asked.where(traces.c.project_id == project.id, traces.c.id == trace_id)
