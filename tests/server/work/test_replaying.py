"""Replays that cannot go on come to an end."""

from __future__ import annotations

from sqlalchemy import delete

from pytest_opswald.api.golden_tests import RunBody
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.replay_tables import snapshots
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import golden_runs, golden_tests, projects, replays, traces
from pytest_opswald.server.work.recorded import recorded
from pytest_opswald.server.work.starting import begin_run
from pytest_opswald.server.work.worker import Worker
from tests.server.traces import STEPS


def test_a_recording_that_is_gone_is_an_error_and_the_run_ends(db: str) -> None:
    """Nobody takes it up again and again."""
    said = {"id": "trace_a", "started_at": "2026-03-17T14:15:32Z", "steps": STEPS}
    body = TraceBody.model_validate(said)
    fields = {"trace_id": "trace_a", "name": "Gone", "tags": (), "expected_outcome": {}}
    with opened(db) as database:
        upgrade(database)
        with database.writing() as connection:
            project = projects.ensured(connection)
            traces.imported(connection, project, body, traces.prepared(project, body))
            told = recorded(connection, project, "trace_a")
            golden_tests.created(connection, project, fields, told.snapshot)
            tests = golden_tests.chosen(connection, project, None, ())
            run_id = begin_run(connection, project, RunBody(), tests)
            connection.execute(delete(snapshots))
        with database.reading() as connection:
            [pk] = replays.due(connection, now=2**62)

        Worker(ServerSettings(db=db), database).play(pk)

        with database.reading() as connection:
            run = golden_runs.found(connection, project, run_id, "http://localhost")
    assert (run.status, run.errored) == ("completed", 1)
