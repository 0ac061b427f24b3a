"""Sessions: they begin with their first trace or event, and end when told or when left alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func

from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import sessions
from pytest_opswald.server.database.upserts import insert

from .projects import Project


def joined(connection: Connection, project: Project, trace: dict[str, Any]) -> None:
    """Count a trace's times to its session, which is made when there is none.

    From here on nobody else writes to that session until this transaction ends.
    """
    last = units.now() if trace["ended_at"] is None else trace["ended_at"]
    heard(
        connection,
        project,
        trace["session_id"],
        user_id=trace["user_id"],
        first=trace["started_at"],
        last=max(trace["started_at"], trace["ended_at"] or 0),
        at=last,
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
) -> None:
    """Something was said in a session between `first` and `last`, and heard `at`: it is active."""
    new = insert(connection, sessions).values(
        project_id=project.id,
        id=session_id,
        user_id=user_id,
        started_at=first,
        last_activity=last,
        heard_at=at,
    )
    said, least, most = new.excluded, _least(connection), _most(connection)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[sessions.c.project_id, sessions.c.id],
            set_={
                "user_id": func.coalesce(said.user_id, sessions.c.user_id),
                "started_at": least(sessions.c.started_at, said.started_at),
                "last_activity": most(sessions.c.last_activity, said.last_activity),
                "heard_at": most(sessions.c.heard_at, said.heard_at),
                "ended_at": None,
            },
        )
    )


def _least(connection: Connection) -> Any:
    return func.least if connection.dialect.name == "postgresql" else func.min


def _most(connection: Connection) -> Any:
    return func.greatest if connection.dialect.name == "postgresql" else func.max
