"""Events: each is one step of a trace that is still running.

Whoever writes to a session holds its row until it is done, so steps are numbered one by one.
"""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, insert, literal_column, select, update

from pytest_opswald.api.events import Event, EventAccepted, EventBody
from pytest_opswald.server.database import tables, units
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.tables import traces
from pytest_opswald.server.database.turns import in_turn
from pytest_opswald.server.problems import not_found

from . import growth, outbox, payloads, sessions, steps
from .event_rows import NewEvent, begun, grown
from .payloads import Holder
from .projects import Project
from .steps import Row
from .traces import completed, failed, in_another_session


def accepted(connection: Connection, project: Project, new: NewEvent) -> tuple[EventAccepted, bool]:
    """Add the step; False when the event was there before.

    Raises ApiProblem when the trace it names belongs to another session.
    """
    if new.body.event_id:
        in_turn(connection, project.id, "event", new.body.event_id)
        if before := _found(connection, project, new.body.event_id):
            return _answer(before), False
    if new.body.trace_id:
        in_turn(connection, project.id, "trace", new.body.trace_id)
    user_id = _heard(connection, project, new)
    before = _trace(connection, project, new.body) or begun(new, user_id)
    after = before | grown(before, new)
    step = _stored(connection, project, before, after, new)
    outbox.announce_all(connection, project, _news(before, after, new))
    return _answer(step | {"trace_id": after["id"]}), True


def read(connection: Connection, project: Project, event_id: str) -> Event:
    """Raises ApiProblem when there is none."""
    row = _found(connection, project, event_id)
    if row is None:
        raise not_found("event", event_id)
    kept = payloads.read(connection, project, Holder.TRACE, row["trace_pk"], numbers=[row["n"]])
    return Event(
        **_answer(row).model_dump(),
        event_type=row["type"],
        session_id=row["session_id"],
        data=kept[row["n"]]["event"],
        timestamp=units.moment(row["at"]),
        received_at=units.moment(row["received_at"]),
    )


def _found(connection: Connection, project: Project, event_id: str) -> Row | None:
    """The event's step, and ids of its trace and session."""
    found = tables.steps.c
    row = connection.execute(
        select(tables.steps, traces.c.id.label("trace_id"), traces.c.session_id)
        .join(traces, traces.c.pk == found.trace_pk)
        .where(found.project_id == project.id, found.event_id == event_id)
    ).one_or_none()
    return row._asdict() if row else None


def _heard(connection: Connection, project: Project, new: NewEvent) -> str | None:
    return sessions.heard(
        connection,
        project,
        new.body.session_id,
        user_id=new.body.user_id,
        first=new.step["at"],
        last=new.step["at"],
        at=new.step["received_at"],
    )


def _trace(connection: Connection, project: Project, body: EventBody) -> Row | None:
    """The trace that goes on: the one that is named, or the session's newest running one."""
    asked = {"project": project.id, "session": body.session_id, "trace": body.trace_id}
    if body.trace_id is None:
        return _RUNNING.row(connection, asked)
    there = _NAMED.row(connection, asked)
    if there and there["session_id"] != body.session_id:
        raise in_another_session(there["id"], there["session_id"], field="trace_id")
    return there


_OWN = select(traces).where(traces.c.project_id == bindparam("project")).with_for_update()
# Spelt out, as in the condition of the index that leads there.
_IS_RUNNING = traces.c.status == literal_column("'running'", Text)
RUNNING = (
    _OWN.where(traces.c.session_id == bindparam("session"), _IS_RUNNING)
    .order_by(traces.c.started_at.desc(), traces.c.pk.desc())
    .limit(1)
)
_NAMED = Direct(lambda _: _OWN.where(traces.c.id == bindparam("trace")))
_RUNNING = Direct(lambda _: RUNNING)


def _stored(
    connection: Connection, project: Project, before: Row, after: Row, new: NewEvent
) -> Row:
    """The row of the step, which is the last of the trace."""
    pk = _stored_trace(connection, project, before, after)
    step = new.step | {"project_id": project.id, "trace_pk": pk, "n": after["steps"]}
    _NEW_STEP.run(connection, step)
    growth.counted(connection, project, before, after, step)
    payloads.keep(connection, project, Holder.TRACE, pk, new.payload, first=step["n"])
    return step


def _stored_trace(connection: Connection, project: Project, before: Row, after: Row) -> int:
    if "pk" not in before:
        return int(_BEGUN.value(connection, after | {"project_id": project.id}))
    grown = {name: after[name] for name in _GROWS} | {"its_pk": after["pk"]}
    if all(after[name] == before[name] for name in _TURNS):
        _GROWN.run(connection, grown)
    else:
        _TURNED.run(connection, grown | {name: after[name] for name in _TURNS})
    return int(after["pk"])


_GROWS = ("steps", "cost", "tokens_in", "tokens_out", "models", "ended_at")
_TURNS = ("started_at", "status", "errors")
"""Columns of indexes, which are written anew when they are written at all."""
_NEW_STEP = Direct(lambda _: insert(tables.steps))
_BEGUN = Direct(lambda _: insert(traces).returning(traces.c.pk))
_GROWN = Direct(lambda _: update(traces).where(traces.c.pk == bindparam("its_pk")))
_TURNED = Direct(lambda _: update(traces).where(traces.c.pk == bindparam("its_pk")))


def _news(before: Row, after: Row, new: NewEvent) -> list[outbox.Event]:
    events = []
    if new.problem:
        problem = new.problem | {"step": after["steps"]}
        events.append(failed(after["id"], after["session_id"], problem))
    if before["status"] == "running" and after["status"] != "running":
        events.append(completed(after))
    return events


def _answer(step: Row) -> EventAccepted:
    return EventAccepted(
        event_id=step["event_id"],
        processed=True,
        trace_id=step["trace_id"],
        step_id=steps.step_id(step["n"]),
        step_number=step["n"],
    )
