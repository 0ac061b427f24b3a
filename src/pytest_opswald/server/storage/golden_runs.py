"""Runs of golden tests: the verdict of each test, and of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, func, insert, select, update

from pytest_opswald.api.golden_tests import Result, Run, RunPage, RunStarted
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.replays import Executor
from pytest_opswald.server.database import units
from pytest_opswald.server.database.replay_tables import golden_results, golden_runs
from pytest_opswald.server.database.turns import in_turn
from pytest_opswald.server.database.units import milliseconds, moment, usd
from pytest_opswald.server.problems import not_found

from . import outbox
from .cursors import Window
from .folding import encoded
from .pages import sliced
from .projects import Project

_OPEN = ("pending", "running")
_ERRORS = ("error", "timeout")
_RESULT = {"test_id", "name", "status", "replay_id"}
"""What has columns of its own."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A test of a run that has no verdict yet."""

    test_id: str
    name: str
    replay_id: str | None = None
    """The replay that will have it; None when a runner uploads it."""


def begun(
    connection: Connection,
    project: Project,
    run_id: str,
    *,
    modifications: Mapping[str, Any],
    executor: Executor,
) -> int:
    """Its number."""
    row = {
        "project_id": project.id,
        "id": run_id,
        "status": "running",
        "executor": executor,
        "modifications": encoded(modifications),
        "started_at": units.now(),
    }
    made = connection.execute(insert(golden_runs).values(row).returning(golden_runs.c.pk))
    pk: int = made.scalar_one()
    return pk


def await_results(
    connection: Connection, project: Project, pk: int, tests: Iterable[Awaited]
) -> None:
    own = {"project_id": project.id, "run_pk": pk, "status": "pending", "cost": 0, "data": b"{}"}
    rows = [own | {"n": n} | asdict(test) for n, test in enumerate(tests)]
    connection.execute(insert(golden_results), rows)


def row_of(connection: Connection, project: Project, run_id: str) -> Any:
    """None when there is none."""
    return connection.execute(_own(project).where(golden_runs.c.id == run_id)).one_or_none()


def begun_as(connection: Connection, project: Project, run_id: str) -> Any:
    """None when there is none; then nobody else begins it until this transaction ends."""
    in_turn(connection, project.id, "run", run_id)
    return row_of(connection, project, run_id)


def locked(connection: Connection, project: Project, run_id: str) -> Any:
    """Nobody else settles results of it until this transaction ends. Raises ApiProblem."""
    asked = _own(project).where(golden_runs.c.id == run_id).with_for_update()
    if row := connection.execute(asked).one_or_none():
        return row
    raise not_found("run", run_id)


def numbered(connection: Connection, project: Project, pk: int) -> Any:
    """The row, locked."""
    return connection.execute(
        _own(project).where(golden_runs.c.pk == pk).with_for_update()
    ).one_or_none()


def started(connection: Connection, project: Project, row: Any, base_url: str) -> RunStarted:
    counted, _ = _totals(connection, project, [row.pk])
    return RunStarted(
        run_id=row.id,
        status=row.status,
        total_tests=sum(counted[row.pk].values()),
        url=_url(base_url, row.id),
    )


def found(connection: Connection, project: Project, run_id: str, base_url: str) -> Run:
    """With its results. Raises ApiProblem when there is none."""
    row = row_of(connection, project, run_id)
    if row is None:
        raise not_found("run", run_id)
    results = tuple(map(_result, _results(connection, project, row.pk)))
    counted = Counter[str](result.status for result in results)
    spent = sum(result.cost for result in results)
    return _run(row, counted, units.usd(units.units(spent)), base_url, results)


def listed(
    connection: Connection, project: Project, window: Window[Paging], base_url: str
) -> RunPage:
    """One page of runs, newest first, without their results."""
    at, identifier = golden_runs.c.started_at, golden_runs.c.id
    page = sliced(connection, _own(project), window, at=at, identifier=identifier)
    counted, spent = _totals(connection, project, [row.pk for row in page.rows])
    runs = [_run(row, counted[row.pk], usd(spent[row.pk]), base_url, None) for row in page.rows]
    return page.page(RunPage, "runs", runs)


def results_of(connection: Connection, project: Project, pk: int) -> dict[str, Result]:
    """By id of the golden test."""
    return {row.test_id: _result(row) for row in _results(connection, project, pk)}


def settle(connection: Connection, project: Project, run: Any, results: Iterable[Result]) -> None:
    """Keep verdicts of a run that is locked; with the last of them it is completed, and told of."""
    for result in results:
        connection.execute(
            update(golden_results)
            .where(_is(project, run.pk), golden_results.c.test_id == result.test_id)
            .values(
                status=result.status,
                replay_id=result.replay_id,
                cost=units.units(result.cost),
                data=encoded(result.model_dump(mode="json", exclude=_RESULT)),
            )
        )
    open_results = select(golden_results.c.test_id).where(
        _is(project, run.pk), golden_results.c.status.in_(_OPEN)
    )
    if run.status == "running" and not connection.execute(open_results.limit(1)).first():
        _complete(connection, project, run)


def begin_test(connection: Connection, project: Project, run_pk: int, test_id: str) -> None:
    """A test that waited is being replayed."""
    connection.execute(
        update(golden_results)
        .where(_is(project, run_pk), golden_results.c.test_id == test_id)
        .values(status="running")
    )


def _complete(connection: Connection, project: Project, run: Any) -> None:
    now = units.now()
    connection.execute(
        update(golden_runs)
        .where(golden_runs.c.pk == run.pk)
        .values(status="completed", completed_at=now)
    )
    counted, spent = _totals(connection, project, [run.pk])
    told = {
        "run_id": run.id,
        "status": "completed",
        "total_tests": sum(counted[run.pk].values()),
        **_counts(counted[run.pk]),
        "duration_ms": milliseconds(run.started_at, now),
        "total_cost": usd(spent[run.pk]),
    }
    outbox.announce(connection, project, "golden_run.completed", told)


def _own(project: Project) -> Select[Any]:
    return select(golden_runs).where(golden_runs.c.project_id == project.id)


def _is(project: Project, run_pk: int) -> Any:
    return (golden_results.c.project_id == project.id) & (golden_results.c.run_pk == run_pk)


def _results(connection: Connection, project: Project, run_pk: int) -> Sequence[Any]:
    asked = select(golden_results).where(_is(project, run_pk)).order_by(golden_results.c.n)
    return connection.execute(asked).all()


def _totals(
    connection: Connection, project: Project, pks: Sequence[int]
) -> tuple[dict[int, Counter[str]], dict[int, float]]:
    """How many results of each status, and what they cost, by run."""
    columns = golden_results.c
    rows = connection.execute(
        select(
            columns.run_pk, columns.status, func.count().label("many"), units.total(columns.cost)
        )
        .where(columns.project_id == project.id, columns.run_pk.in_(pks))
        .group_by(columns.run_pk, columns.status)
    ).all()
    counted: dict[int, Counter[str]] = {pk: Counter() for pk in pks}
    spent = dict.fromkeys(pks, 0.0)
    for pk, status, many, cost in rows:
        counted[pk][status] += many
        spent[pk] += cost
    return counted, spent


def _counts(counted: Counter[str]) -> dict[str, int]:
    return {
        "passed": counted["passed"],
        "failed": counted["failed"],
        "errored": sum(counted[status] for status in _ERRORS),
        "pending": sum(counted[status] for status in _OPEN),
    }


def _run(
    row: Any, counted: Counter[str], cost: float, base_url: str, results: tuple[Result, ...] | None
) -> Run:
    over = row.completed_at is not None
    return Run(
        run_id=row.id,
        status=row.status,
        total_tests=sum(counted.values()),
        url=_url(base_url, row.id),
        started_at=moment(row.started_at),
        completed_at=moment(row.completed_at) if over else None,
        duration_ms=milliseconds(row.started_at, row.completed_at if over else units.now()),
        total_cost=cost,
        modifications=from_json(row.modifications),
        executor=row.executor,
        results=results,
        **_counts(counted),
    )


def _result(row: Any) -> Result:
    told = {name: getattr(row, name) for name in _RESULT}
    return Result.model_validate(from_json(row.data) | told)


def _url(base_url: str, run_id: str) -> str:
    return f"{base_url}/golden-tests/runs/{run_id}"
