"""When a session has ended that nobody ends."""

from __future__ import annotations

from pytest_opswald.api.traces import TraceBody
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.storage import session_lists, traces
from pytest_opswald.server.storage.projects import Project

HALF_AN_HOUR = 30 * 60 * 10**6


def test_a_clock_that_is_ahead_keeps_no_session_open(database: Database, project: Project) -> None:
    """Half an hour after a trace has come in nobody is heard any more, whenever it says it ended."""
    said = {"started_at": "2026-03-17T14:15:32Z", "ended_at": "2999-01-01T00:00:00Z"}
    body = TraceBody.model_validate(said | {"session_id": "ahead"})

    with database.writing() as connection:
        traces.imported(connection, project, body, traces.prepared(project, body))
        later = units.now() + HALF_AN_HOUR
        session = session_lists.opened(connection, project, "ahead", now=later)

    assert session.status == "completed"
    assert session.ended_at == body.ended_at
