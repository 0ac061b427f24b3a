"""Golden tests: a snapshot of a trace, and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pytest_opswald.api.golden_tests import (
    GoldenTest,
    GoldenTestPage,
    GoldenTestQuery,
    LastRun,
)
from pytest_opswald.api.ids import new_id
from pytest_opswald.server.database import units
from pytest_opswald.server.database.replay_tables import (
    golden_results,
    golden_runs,
    golden_test_tags,
    golden_tests,
)
from pytest_opswald.server.database.units import moment
from pytest_opswald.server.problems import ApiProblem, invalid, not_found

from . import snapshots
from .cursors import Window
from .expectations import unjudged
from .folding import encoded
from .pages import sliced
from .projects import Project
from .snapshots import Taken

Fields = dict[str, Any]
"""Of a GoldenTestBody; those that are given."""


def created(connection: Connection, project: Project, fields: Fields, new: Taken) -> str:
    """Its id. Raises ApiProblem when the name is taken."""
    test_id, now = new_id("test"), units.now()
    row = {
        "project_id": project.id,
        "id": test_id,
        "created_at": now,
        "updated_at": now,
        **_columns(fields),
        **_snapshot(connection, project, new),
    }
    _check_name(connection, project, fields["name"])
    try:
        made = connection.execute(insert(golden_tests).values(row).returning(golden_tests.c.pk))
    except IntegrityError:  # somebody else came between
        raise _taken(fields["name"]) from None
    _tag(connection, project, made.scalar_one(), fields["tags"])
    return test_id


def changed(
    connection: Connection, project: Project, test_id: str, fields: Fields, new: Taken | None
) -> None:
    """Change what is given. Raises ApiProblem when there is none, or the new name is taken."""
    row = row_of(connection, project, test_id, lock=True)
    told = _columns(fields) | {"updated_at": units.now()}
    if fields.get("name", row.name) != row.name:
        _check_name(connection, project, fields["name"])
    if new:
        told |= _snapshot(connection, project, new)
    try:
        connection.execute(update(golden_tests).where(golden_tests.c.pk == row.pk).values(told))
    except IntegrityError:
        raise _taken(fields["name"]) from None
    if "tags" in fields:
        _untag(connection, project, row.pk)
        _tag(connection, project, row.pk, fields["tags"])
    if new:
        snapshots.released(connection, project, row.snapshot_pk)


def deleted(connection: Connection, project: Project, test_id: str) -> None:
    """Its results stay in the runs that it took part in. Raises ApiProblem when there is none."""
    row = row_of(connection, project, test_id, lock=True)
    _untag(connection, project, row.pk)
    connection.execute(delete(golden_tests).where(golden_tests.c.pk == row.pk))
    snapshots.released(connection, project, row.snapshot_pk)


def listed(
    connection: Connection, project: Project, window: Window[GoldenTestQuery], base_url: str
) -> GoldenTestPage:
    """One page of golden tests, newest first."""
    asked, filters = _own(project), window.filters
    if filters.tag is not None:
        asked = asked.where(golden_tests.c.pk.in_(_tagged(project, [filters.tag])))
    if filters.trace_id is not None:
        asked = asked.where(golden_tests.c.trace_id == filters.trace_id)
    at, identifier = golden_tests.c.created_at, golden_tests.c.id
    page = sliced(connection, asked, window, at=at, identifier=identifier)
    return page.page(GoldenTestPage, "golden_tests", _all(connection, project, page.rows, base_url))


def found(connection: Connection, project: Project, test_id: str, base_url: str) -> GoldenTest:
    """Raises ApiProblem when there is none."""
    row = row_of(connection, project, test_id)
    return _all(connection, project, [row], base_url)[0]


def row_of(connection: Connection, project: Project, test_id: str, *, lock: bool = False) -> Any:
    """With `lock`, nobody else changes it until this transaction ends. Raises ApiProblem."""
    asked = _own(project).where(golden_tests.c.id == test_id)
    if row := connection.execute(asked.with_for_update() if lock else asked).one_or_none():
        return row
    raise not_found("golden test", test_id)


def chosen(
    connection: Connection,
    project: Project,
    ids: Sequence[str] | None,
    tags: Sequence[str],
    *,
    lock: bool = False,
) -> Sequence[Any]:
    """Rows of the tests with these ids, in their order; by any of the tags, else all, without ids.

    With `lock`, nobody changes or deletes them until this transaction ends. Raises ApiProblem when
    an id is unknown, or nothing is left to run.
    """
    asked = _own(project).order_by(golden_tests.c.created_at, golden_tests.c.id)
    asked = asked.with_for_update(read=True) if lock else asked
    if ids is None:
        chosen = asked.where(golden_tests.c.pk.in_(_tagged(project, tags))) if tags else asked
        rows = connection.execute(chosen).all()
    else:
        rows = _named(connection, asked, list(dict.fromkeys(ids)))
    if not rows:
        raise invalid("There is no golden test to run", field="test_ids", expected="golden tests")
    return rows


def outcome_of(row: Any) -> dict[str, Any]:
    """The expected outcome, as it was given."""
    return dict(from_json(row.expected_outcome))


def _named(connection: Connection, asked: Select[Any], ids: list[str]) -> Sequence[Any]:
    found = {
        row.id: row
        for start in range(0, len(ids), 500)
        for row in connection.execute(asked.where(golden_tests.c.id.in_(ids[start : start + 500])))
    }
    missing = [test_id for test_id in ids if test_id not in found]
    if missing:
        message = f"No golden test {', '.join(missing[:10])}"
        raise ApiProblem("not_found", message, details={"missing": missing})
    return [found[test_id] for test_id in ids]


def _own(project: Project) -> Select[Any]:
    return select(golden_tests).where(golden_tests.c.project_id == project.id)


def _tagged(project: Project, tags: Sequence[str]) -> Select[Any]:
    columns = golden_test_tags.c
    return select(columns.test_pk).where(columns.project_id == project.id, columns.tag.in_(tags))


def _columns(fields: Fields) -> Fields:
    told = dict(fields)
    if "tags" in told:
        told["tags"] = encoded(told["tags"]).decode()
    if "expected_outcome" in told:
        told["expected_outcome"] = encoded(told["expected_outcome"])
    return told


def _snapshot(connection: Connection, project: Project, new: Taken) -> Fields:
    return {"snapshot_pk": snapshots.kept(connection, project, new), "steps": new.steps}


def _check_name(connection: Connection, project: Project, name: str) -> None:
    if connection.execute(_own(project).where(golden_tests.c.name == name)).first():
        raise _taken(name)


def _taken(name: str) -> ApiProblem:
    return invalid(
        f"There is a golden test {name!r} already", field="name", expected="a name of its own"
    )


def _tag(connection: Connection, project: Project, pk: int, tags: Iterable[str]) -> None:
    rows = [{"project_id": project.id, "tag": tag, "test_pk": pk} for tag in dict.fromkeys(tags)]
    if rows:
        connection.execute(insert(golden_test_tags), rows)


def _untag(connection: Connection, project: Project, pk: int) -> None:
    columns = golden_test_tags.c
    connection.execute(
        delete(golden_test_tags).where(columns.project_id == project.id, columns.test_pk == pk)
    )


def _all(
    connection: Connection, project: Project, rows: Sequence[Any], base_url: str
) -> list[GoldenTest]:
    runs = _last_runs(connection, project, [row.id for row in rows])
    return [
        GoldenTest(
            id=row.id,
            test_id=row.id,
            trace_id=row.trace_id,
            name=row.name,
            description=row.description,
            tags=tuple(from_json(row.tags)),
            expected_outcome=outcome_of(row),
            unjudged=unjudged(outcome_of(row)),
            snapshot_steps=row.steps,
            created_at=moment(row.created_at),
            updated_at=moment(row.updated_at),
            last_run=runs.get(row.id),
            url=f"{base_url}/golden-tests/{row.id}",
        )
        for row in rows
    ]


def _last_runs(
    connection: Connection, project: Project, test_ids: Sequence[str]
) -> dict[str, LastRun]:
    """The newest run of each test."""
    of = golden_results.c
    newest = (
        select(of.test_id, func.max(of.run_pk).label("pk"))
        .where(of.project_id == project.id, of.test_id.in_(test_ids))
        .group_by(of.test_id)
        .subquery()
    )
    rows = connection.execute(
        select(newest.c.test_id, golden_runs).join(newest, golden_runs.c.pk == newest.c.pk)
    )
    return {
        row.test_id: LastRun(
            run_id=row.id,
            status=row.status,
            completed_at=None if row.completed_at is None else moment(row.completed_at),
        )
        for row in rows
    }
