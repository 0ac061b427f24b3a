"""Everything a project has said, as the API says it: plain JSON that POST takes back."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.database.tables import traces

from . import projects
from .traces import opened


def exported(database: Database) -> Iterator[Iterator[bytes]]:
    """Every trace of every project, oldest first, as pieces of its JSON."""
    with database.reading() as connection:
        for project in projects.all_of(connection):
            own = select(traces.c.id).where(traces.c.project_id == project.id)
            for trace_id in connection.scalars(
                own.order_by(traces.c.started_at, traces.c.id)
            ).all():
                yield opened(connection, project, trace_id).json()
