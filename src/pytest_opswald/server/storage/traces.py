"""Traces: written once, listed by what their rows say, opened with their payloads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, insert, select

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.ids import new_id
from pytest_opswald.api.steps import Step
from pytest_opswald.api.traces import (
    Trace,
    TraceBody,
    TracePage,
    TraceProblem,
    TraceQuery,
    TraceSummary,
)
from pytest_opswald.server.database import tables
from pytest_opswald.server.database.tables import trace_models, trace_tags, traces
from pytest_opswald.server.database.units import milliseconds, moment, usd
from pytest_opswald.server.problems import ApiProblem, invalid, not_found

from . import outbox, payloads, sessions, steps
from .cursors import Window
from .pages import sliced
from .payloads import Holder
from .projects import Project
from .trace_filters import filtered
from .trace_rows import TraceRows, rows_of


def listed(connection: Connection, project: Project, window: Window[TraceQuery]) -> TracePage:
    """One page of traces, newest first."""
    page = sliced(
        connection,
        filtered(select(traces), project, window.filters),
        window,
        at=traces.c.started_at,
        identifier=traces.c.id,
    )
    return page.page(TracePage, "traces", [summary(row, project) for row in page.rows])


@dataclass(frozen=True, slots=True)
class Opened:
    """A trace as it is stored; its steps are unfolded one by one."""

    row: Any
    skeletons: Sequence[Any]
    payloads: payloads.Kept
    project: Project

    def steps(self) -> Iterator[Step]:
        return (steps.shown(row, self.payloads[row.n]) for row in self.skeletons)

    def trace(self) -> Trace:
        """The whole of it."""
        every = tuple(self.steps())
        answer = next((s.output for s in reversed(every) if s.type == "response"), None)
        said = answer if isinstance(answer, dict) else {"message": answer}
        failed = next((step for step in every if step.error), None)
        return Trace.model_validate(
            _facts(self.row, self.project)
            | {
                "steps": every,
                "step_count": len(every),
                "final_output": said.get("message"),
                "structured_output": said.get("structured_output"),
                "error": _problem(failed) if failed else None,
            }
        )


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


def row_of(connection: Connection, project: Project, trace_id: str) -> Any:
    """Raises ApiProblem when there is none."""
    if row := connection.execute(_of(select(traces), project, trace_id)).one_or_none():
        return row
    raise not_found("trace", trace_id)


def imported(connection: Connection, project: Project, body: TraceBody, new: TraceRows) -> bool:
    """Store a whole trace; whether it takes the place of one with its id.

    Raises ApiProblem when that one belongs to another session.
    """
    there = connection.execute(_of(select(traces), project, new.trace["id"])).one_or_none()
    if there:
        new.trace["session_id"] = there.session_id
        if body.session_id not in {None, there.session_id}:
            raise in_another_session(there, field="session_id")
    sessions.joined(connection, project, new.trace)
    if there:
        _delete(connection, project, there.id)
    _insert(connection, project, new)
    told = there is not None and there.status != "running"
    outbox.announce_all(connection, project, [] if told else _news(new))
    return there is not None


def in_another_session(there: Any, *, field: str) -> ApiProblem:
    """What is said to whoever asks for a trace by its id and a session that is not its own."""
    expected = f"a trace of this session, or {there.session_id}"
    return invalid(f"{there.id} belongs to another session", field=field, expected=expected)


def prepared(project: Project, body: TraceBody) -> TraceRows:
    """The rows of a trace; ids are made where it has none."""
    return rows_of(
        body,
        project,
        trace_id=body.id or new_id("trace"),
        session_id=body.session_id or new_id("session"),
    )


def deleted(connection: Connection, project: Project, trace_id: str) -> None:
    """Delete a trace and all it said. Raises ApiProblem when there is none."""
    if not _delete(connection, project, trace_id):
        raise not_found("trace", trace_id)


def summary(row: Any, project: Project) -> TraceSummary:
    return TraceSummary.model_validate(_facts(row, project) | {"steps": row.steps})


def completed(row: Any) -> outbox.Event:
    """What is told of a trace that has ended."""
    duration = _duration_ms(row)
    return "trace.completed", {
        "trace_id": row["id"],
        "session_id": row["session_id"],
        "duration_ms": duration,
        "total_cost": usd(row["cost"]),
        "status": row["status"],
    }


def failed(trace_id: str, session_id: str, problem: dict[str, Any]) -> outbox.Event:
    """What is told of a step that failed; `problem` is `{type, message, step}`."""
    return "trace.error", {"trace_id": trace_id, "session_id": session_id, "error": problem}


def _facts(row: Any, project: Project) -> dict[str, Any]:
    return {
        "id": row.id,
        "session_id": row.session_id,
        "user_id": row.user_id,
        "started_at": moment(row.started_at),
        "ended_at": moment(row.ended_at) if row.ended_at is not None else None,
        "duration_ms": _duration_ms(row._mapping),
        "total_cost": usd(row.cost),
        "total_tokens": TokenCount(input=row.tokens_in, output=row.tokens_out),
        "models_used": from_json(row.models),
        "errors": row.errors,
        "status": row.status,
        "name": row.name,
        "project": project.name,
        "tags": from_json(row.tags),
        "metadata": from_json(row.metadata),
    }


def _duration_ms(row: Any) -> int | None:
    if row["ended_at"] is None:
        return None
    return milliseconds(row["started_at"], row["ended_at"])


def _problem(step: Step) -> TraceProblem | None:
    if step.error is None:
        return None
    return TraceProblem(type=step.error.type, message=step.error.message, step=step.step_number)


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
    for table, rows in (
        (tables.steps, new.steps),
        (trace_models, new.models),
        (trace_tags, [{"tag": tag} for tag in new.tags]),
    ):
        if rows:
            connection.execute(insert(table), [own | row for row in rows])
    payloads.keep(connection, project, Holder.TRACE, pk, new.payloads)


def _delete(connection: Connection, project: Project, trace_id: str) -> bool:
    # Locked first: an event that comes meanwhile waits, and then finds no trace.
    asked = _of(select(traces.c.pk), project, trace_id).with_for_update()
    pk = connection.execute(asked).scalar_one_or_none()
    if pk is None:
        return False
    payloads.drop(connection, project, Holder.TRACE, pk)
    for table in (tables.steps, trace_models, trace_tags):
        connection.execute(
            delete(table).where(table.c.project_id == project.id, table.c.trace_pk == pk)
        )
    connection.execute(delete(traces).where(traces.c.project_id == project.id, traces.c.pk == pk))
    return True


def _of(asked: Select[Any], project: Project, trace_id: str) -> Select[Any]:
    return asked.where(traces.c.project_id == project.id, traces.c.id == trace_id)
