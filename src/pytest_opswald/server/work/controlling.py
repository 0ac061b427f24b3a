"""Controls of a replay, as what they do to its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from pytest_opswald.api.replays import ControlBody, ReplayResult
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.storage import replay_answers, replays
from pytest_opswald.server.storage.projects import Project

from .cursor import columns, controlled, cursor_of
from .endings import ended
from .pace import due_at


def control(connection: Connection, project: Project, replay_id: str, body: ControlBody) -> Any:
    """The row afterwards. Raises ApiProblem where the control makes no sense."""
    row = replays.row_of(connection, project, replay_id, lock=True)
    before = cursor_of(row)
    cursor = controlled(before, body.action, body.step)
    due = due_at(connection, project, row, cursor, now=units.now())
    # At its pace already: saying so again does not make it wait longer.
    due = row.due_at if cursor == before else due
    told = columns(cursor) | {"due_at": due}
    replays.changed(connection, row.pk, **told)
    if cursor.epoch != before.epoch:
        replay_answers.dropped(connection, project, row.pk, after=cursor.current)
    if body.action == "stop":
        partial = ReplayResult(
            total_cost=units.usd(row.spent), duration_ms=0, fidelity=row.fidelity
        )
        ended(connection, project, row, "stopped", result=partial)
    leave_word(connection)
    return replays.row_of(connection, project, replay_id)
