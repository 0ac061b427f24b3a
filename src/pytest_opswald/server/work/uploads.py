"""What runners upload: verdicts of golden tests, results of replays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection

from pytest_opswald.api.golden_tests import Result, ResultBody
from pytest_opswald.api.replays import ReplayResult, ReplayResultBody
from pytest_opswald.server.problems import ApiProblem, invalid
from pytest_opswald.server.storage import golden_runs, replays
from pytest_opswald.server.storage.projects import Project

from .claiming import check
from .endings import ended


def uploaded(
    connection: Connection, project: Project, run_id: str, bodies: Sequence[ResultBody]
) -> None:
    """Raises ApiProblem for runs and tests that wait for no runner, and for second thoughts."""
    run = golden_runs.locked(connection, project, run_id)
    if run.executor != "runner":
        raise _no("This run is made by the server", "results of a run with executor runner")
    known = golden_runs.results_of(connection, project, run.pk)
    results = [_result(known, body) for body in bodies]
    new = [result for result in results if result != known[result.test_id]]
    if new and run.status != "running":
        raise _no("The run is over, with other results", "the results it has")
    golden_runs.settle(connection, project, run, new)


def finished(
    connection: Connection, project: Project, replay_id: str, body: ReplayResultBody
) -> Any:
    """The row of a replay that a runner has made. Raises ApiProblem as above."""
    row = replays.row_of(connection, project, replay_id, lock=True)
    if row.executor != "runner":
        raise _no("This replay is made by the server", "a replay with executor runner")
    told = ReplayResult(
        **body.model_dump(exclude={"status", "error", "claim_id"}), fidelity="attached"
    )
    if row.status == body.status and row.result is not None:
        if _same(row, told):
            return row
        raise _no("The replay is over, with another result", "the result it has")
    check(row, body.claim_id)
    if row.status != "running":
        raise _no(f"The replay is {row.status}", "a replay that is running")
    status, steps = body.status, row.total_steps if body.status == "completed" else 0
    replays.changed(connection, row.pk, current_step=steps)
    ended(connection, project, row, status, result=told, problem=body.error, keeps_duration=True)
    return replays.row_of(connection, project, replay_id)


def _result(known: dict[str, Result], body: ResultBody) -> Result:
    there = known.get(body.test_id)
    if there is None:
        raise _no(f"{body.test_id} is no test of this run", "tests of the run")
    told = body.model_dump()
    return Result.model_validate(
        {"name": there.name, "mode": "live", "fidelity": "attached"} | told
    )


def _same(row: Any, told: ReplayResult) -> bool:
    return bool(ReplayResult.model_validate(from_json(row.result)) == told)


def _no(message: str, expected: str) -> ApiProblem:
    return invalid(message, field="results", expected=expected)
