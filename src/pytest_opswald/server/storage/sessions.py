"""Sessions: they begin with their first trace or event, and end when told or when left alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, func

from pytest_opswald.server.database import units
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.tables import sessions
from pytest_opswald.server.database.upserts import extremes, insert

from .projects import Project


def joined(connection: Connection, project: Project, trace: dict[str, Any]) -> None:
    """Count a trace's times to its session, which is made when there is none."""
    running, now = trace["ended_at"] is None, units.now()
    heard(
        connection,
        project,
        trace["session_id"],
        user_id=trace["user_id"],
        first=trace["started_at"],
        last=max(trace["started_at"], trace["ended_at"] or 0),
        at=now if running else min(trace["ended_at"], now),
        reopens=running,
    )


def heard(
    connection: Connection,
    project: Project,
    session_id: str,
    *,
    user_id: str | None,
    first: int,
    last: int,
    at: int,
    reopens: bool = True,
) -> str | None:
    """Something was said in a session between `first` and `last`, and was heard `at`.

    From here on nobody else writes to that session until this transaction ends. The answer is
    whose session it is.
    """
    said = {
        "project_id": project.id,
        "id": session_id,
        "user_id": user_id,
        "started_at": first,
        "last_activity": last,
        "heard_at": at,
    }
    user: str | None = (_REOPENED if reopens else _HEARD).value(connection, said)
    return user


def _upsert(dialect: str, *, reopens: bool) -> Any:
    new = insert(dialect, sessions)
    there, said = sessions.c, new.excluded
    least, most = extremes(dialect)
    changed = {
        "user_id": func.coalesce(said.user_id, there.user_id),
        "started_at": least(there.started_at, said.started_at),
        "last_activity": most(there.last_activity, said.last_activity),
        "heard_at": most(there.heard_at, said.heard_at),
        "ended_at": None if reopens else there.ended_at,
    }
    kept = new.on_conflict_do_update(index_elements=[there.project_id, there.id], set_=changed)
    return kept.returning(there.user_id)


_HEARD = Direct(partial(_upsert, reopens=False))
_REOPENED = Direct(partial(_upsert, reopens=True))
