"""What is told of sessions: lists, one with its traces, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.sessions import Session, SessionPage, SessionQuery, SessionSummary
from pytest_opswald.server.database import tables, units
from pytest_opswald.server.database.tables import sessions, traces
from pytest_opswald.server.problems import not_found

from . import outbox, tallies
from .cursors import Window
from .opened import summary
from .pages import sliced
from .projects import Project
from .traces import completed

_IDLE_MICROSECONDS = 30 * 60 * 10**6
"""A session in which nothing is heard for so long has ended."""
_AT_A_TIME = 100


def listed(
    connection: Connection, project: Project, window: Window[SessionQuery], *, now: int
) -> SessionPage:
    """One page of sessions, latest activity first."""
    found = select(sessions).where(sessions.c.project_id == project.id)
    if window.filters.user_id is not None:
        found = found.where(sessions.c.user_id == window.filters.user_id)
    if window.filters.active is not None:
        active = _active(now)
        found = found.where(active if window.filters.active else ~active)
    page = sliced(connection, found, window, at=sessions.c.last_activity, identifier=sessions.c.id)
    totals = _totals(connection, project, [row.id for row in page.rows])
    items = [SessionSummary(**_facts(row, now), **totals(row.id)) for row in page.rows]
    return page.page(SessionPage, "sessions", items)


def opened(connection: Connection, project: Project, session_id: str, *, now: int) -> Session:
    """A session and its traces. Raises ApiProblem when there is none."""
    row = _row(connection, project, session_id)
    rows = connection.execute(
        select(traces)
        .where(traces.c.project_id == project.id, traces.c.session_id == session_id)
        .order_by(traces.c.started_at, traces.c.id)
    ).all()
    every = tuple(summary(trace, project) for trace in rows)
    ended = _ended_at(row, now)
    return Session(
        **_facts(row, now),
        trace_count=len(every),
        total_cost=units.usd(sum(trace.cost for trace in rows)),
        ended_at=None if ended is None else units.moment(ended),
        duration_ms=units.milliseconds(row.started_at, ended or row.last_activity),
        total_tokens=TokenCount(
            input=units.tokens(sum(trace.tokens_in for trace in rows)),
            output=units.tokens(sum(trace.tokens_out for trace in rows)),
        ),
        errors=sum(trace.errors for trace in rows),
        models_used=tuple(dict.fromkeys(model for trace in every for model in trace.models_used)),
        traces=every,
    )


def ended(connection: Connection, project: Project, session_id: str, *, now: int) -> None:
    """End a session and the traces that are still running. Raises ApiProblem when there is none."""
    row = _row(connection, project, session_id, to_change=True)
    at = _ended_at(row, now)
    connection.execute(
        update(sessions)
        .where(sessions.c.project_id == project.id, sessions.c.id == session_id)
        .values(ended_at=now if at is None else at)
    )
    closed = connection.execute(
        update(traces)
        .where(
            traces.c.project_id == project.id,
            traces.c.session_id == session_id,
            traces.c.status == "running",
        )
        .values(status="completed", ended_at=func.coalesce(_LAST_WORD, traces.c.started_at))
        .returning(traces)
    ).all()
    for trace in closed:
        after = trace._asdict()
        before = after | {"status": "running"}
        tallies.changed(connection, project, before=tallies.of(before), after=tallies.of(after))
    outbox.announce_all(connection, project, [completed(trace._asdict()) for trace in closed])


def left_alone(connection: Connection, project: Project, *, now: int) -> Sequence[str]:
    """Ids of sessions that have ended by themselves, and in which traces still run; not all."""
    found = (
        select(traces.c.session_id)
        .join(
            sessions,
            and_(
                sessions.c.project_id == traces.c.project_id, sessions.c.id == traces.c.session_id
            ),
        )
        .where(traces.c.project_id == project.id, traces.c.status == "running", ~_active(now))
    )
    return connection.scalars(found.distinct().limit(_AT_A_TIME)).all()


def ended_if_idle(connection: Connection, project: Project, session_id: str, *, now: int) -> None:
    """End a session, unless it was heard of meanwhile."""
    row = _row(connection, project, session_id, to_change=True)
    if _ended_at(row, now) is not None:
        ended(connection, project, session_id, now=now)


_LAST_WORD = (
    select(func.max(tables.steps.c.at + tables.steps.c.duration_ms * 1000))
    .where(tables.steps.c.project_id == traces.c.project_id, tables.steps.c.trace_pk == traces.c.pk)
    .scalar_subquery()
)


def _row(
    connection: Connection, project: Project, session_id: str, *, to_change: bool = False
) -> Any:
    asked = select(sessions).where(sessions.c.project_id == project.id, sessions.c.id == session_id)
    asked = asked.with_for_update() if to_change else asked
    if row := connection.execute(asked).one_or_none():
        return row
    raise not_found("session", session_id)


def _active(now: int) -> ColumnElement[bool]:
    return and_(sessions.c.ended_at.is_(None), sessions.c.heard_at > now - _IDLE_MICROSECONDS)


def _ended_at(row: Any, now: int) -> int | None:
    """When it ended; None while it is active."""
    if row.ended_at is not None:
        return int(row.ended_at)
    return None if row.heard_at > now - _IDLE_MICROSECONDS else int(row.last_activity)


def _facts(row: Any, now: int) -> dict[str, Any]:
    return {
        "session_id": row.id,
        "user_id": row.user_id,
        "started_at": units.moment(row.started_at),
        "last_activity": units.moment(row.last_activity),
        "status": "active" if _ended_at(row, now) is None else "completed",
    }


def _totals(connection: Connection, project: Project, sessions: Sequence[str]) -> Any:
    rows = connection.execute(
        select(traces.c.session_id, func.count(), units.total(traces.c.cost))
        .where(traces.c.project_id == project.id, traces.c.session_id.in_(sessions))
        .group_by(traces.c.session_id)
    )
    found = {session: (count, cost) for session, count, cost in rows}

    def totals(session: str) -> dict[str, Any]:
        count, cost = found.get(session, (0, 0))
        return {"trace_count": count, "total_cost": units.usd(cost)}

    return totals
