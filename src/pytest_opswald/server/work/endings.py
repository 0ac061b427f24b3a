"""How replays end: their result, the verdict of the golden test they were made for, and the news."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from pytest_opswald.api.golden_tests import Result, ResultProblem
from pytest_opswald.api.replays import ReplayProblem, ReplayResult, ReplayStatus
from pytest_opswald.server.database import units
from pytest_opswald.server.storage import golden_runs, outbox, replays
from pytest_opswald.server.storage.folding import encoded
from pytest_opswald.server.storage.projects import Project


def ended(
    connection: Connection,
    project: Project,
    row: Any,
    status: ReplayStatus,
    *,
    result: ReplayResult | None,
    problem: ReplayProblem | None = None,
    verdict: Result | None = None,
    keeps_duration: bool = False,
) -> None:
    """Write it down and tell; whoever calls this holds the row.

    The replay took as long as it says with `keeps_duration`, else from its start until now.
    """
    now = units.now()
    if result is not None and not keeps_duration:
        took = units.milliseconds(row.started_at, now)
        result = result.model_copy(update={"duration_ms": took})
    replays.changed(
        connection,
        row.pk,
        status=status,
        completed_at=now,
        due_at=None,
        owner=None,
        leased_until=0,
        result=None if result is None else encoded(result.model_dump(mode="json")),
        error=None if problem is None else encoded(problem.model_dump(mode="json")),
    )
    if row.run_pk is not None:
        _settle(connection, project, row, verdict or _unjudged(row, problem))
    outbox.announce(connection, project, "replay.completed", _told(row, status, now))


def _settle(connection: Connection, project: Project, row: Any, verdict: Result) -> None:
    run = golden_runs.numbered(connection, project, row.run_pk)
    took = units.milliseconds(row.begun_at or row.started_at, units.now())
    golden_runs.settle(connection, project, run, [verdict.model_copy(update={"duration_ms": took})])


def _unjudged(row: Any, problem: ReplayProblem | None) -> Result:
    """Of a replay that did not come to its end."""
    kind = problem.type if problem else "stopped"
    return Result(
        test_id=row.test_id,
        name="",
        status="timeout" if kind == "timeout" else "error",
        replay_id=row.id,
        mode=mode_of(row),
        fidelity=row.fidelity,
        cost=units.usd(row.spent),
        error=ResultProblem(type=kind, message=problem.message if problem else "It was stopped"),
    )


def mode_of(row: Any) -> Any:
    """cached: the recording was judged again."""
    return "cached" if row.fidelity == "frozen" else "live"


def _told(row: Any, status: ReplayStatus, now: int) -> dict[str, Any]:
    return {
        "replay_id": row.id,
        "trace_id": row.trace_id,
        "status": status,
        "duration_ms": units.milliseconds(row.started_at, now),
        "total_cost": units.usd(row.spent),
    }
