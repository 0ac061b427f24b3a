"""When the next step of a replay is made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from pytest_opswald.server.storage import snapshots
from pytest_opswald.server.storage.projects import Project

from .cursor import Cursor


def due_at(
    connection: Connection, project: Project, row: Any, cursor: Cursor, *, now: int
) -> int | None:
    """Microseconds since 1970; None when there is nothing to do, or a runner does it."""
    if not cursor.has_work or cursor.executor == "runner":
        return None
    if cursor.ends or not cursor.waits or not is_paced(row):
        return now
    recorded = snapshots.duration_ms(connection, project, row.snapshot_pk, cursor.current + 1)
    wait: int = round(recorded * 1000 / row.speed)
    return now + wait


def is_paced(row: Any) -> bool:
    """Whether somebody watches it at a pace."""
    return bool(row.mode == "interactive" and row.speed > 0)
