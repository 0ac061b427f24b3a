"""`/v1/golden-tests/run` and `/v1/golden-tests/runs`"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pytest_opswald.api.golden_tests import ResultsBody, Run, RunBody, RunPage, RunStarted
from pytest_opswald.api.pages import Paging
from pytest_opswald.server.auth.dependencies import Reader, Writer
from pytest_opswald.server.auth.principal import Principal
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.running import Running, Server
from pytest_opswald.server.storage import golden_runs, golden_tests
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.work.starting import Start, begin_run, check_run
from pytest_opswald.server.work.uploads import uploaded

from .answers import answer
from .bodies import JsonBody
from .identifiers import RunId

router = APIRouter(prefix="/golden-tests", tags=["Golden tests"])


@router.post("/run", response_model=RunStarted, status_code=202, openapi_extra=takes(RunBody))
def run_golden_tests(
    server: Server, principal: Writer, body: Annotated[RunBody, Depends(JsonBody(RunBody))]
) -> Response:
    """Replay golden tests; without modifications the server judges their recordings again."""
    start = Start(body.modifications, body.executor)
    _may_spend(principal, start)
    _check(server, principal, body, start)
    with server.database.writing() as connection:
        row = body.run_id and golden_runs.begun_as(connection, principal.project, body.run_id)
        if not row:
            tests = golden_tests.chosen(
                connection, principal.project, body.test_ids, body.tags, lock=True
            )
            run_id = begin_run(connection, principal.project, body, tests)
            row = golden_runs.row_of(connection, principal.project, run_id)
        return answer(
            golden_runs.started(connection, principal.project, row, server.settings.url), 202
        )


@router.get("/runs", response_model=RunPage)
def list_runs(server: Server, principal: Reader, query: Annotated[Paging, Query()]) -> Response:
    """Runs, newest first, without their results."""
    with server.database.reading() as connection:
        return answer(
            golden_runs.listed(connection, principal.project, window(query), server.settings.url)
        )


@router.get("/runs/{run_id}", response_model=Run)
def get_run(server: Server, principal: Reader, run_id: RunId) -> Response:
    """A run with the verdicts so far."""
    with server.database.reading() as connection:
        return answer(golden_runs.found(connection, principal.project, run_id, server.settings.url))


@router.post("/runs/{run_id}/results", response_model=Run, openapi_extra=takes(ResultsBody))
def upload_results(
    server: Server,
    principal: Writer,
    run_id: RunId,
    body: Annotated[ResultsBody, Depends(JsonBody(ResultsBody))],
) -> Response:
    """Verdicts of a runner; the same again changes nothing."""
    with server.database.writing() as connection:
        uploaded(connection, principal.project, run_id, body.results)
        return answer(golden_runs.found(connection, principal.project, run_id, server.settings.url))


def _check(server: Running, principal: Principal, body: RunBody, start: Start) -> None:
    """Before anybody waits to write; a run that is there already is not checked again."""
    with server.database.reading() as connection:
        if body.run_id and golden_runs.row_of(connection, principal.project, body.run_id):
            return
        tests = golden_tests.chosen(connection, principal.project, body.test_ids, body.tags)
        check_run(connection, principal.project, start, tests, server.settings)


def _may_spend(principal: Principal, start: Start) -> None:
    if start.spends and "replay" not in principal.scopes:
        details = {"field": "Authorization", "expected": "a key with scope replay"}
        raise ApiProblem("authorization_error", "Insufficient permissions", details=details)
