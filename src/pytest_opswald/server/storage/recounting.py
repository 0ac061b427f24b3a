"""What tallies should say, counted again from the traces themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, case, func, literal, select, text

from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import tallies, trace_models, trace_tags, traces

from .projects import Project
from .tallies import NOTHING, Kind, Place, Sums, Tally, failed


def counted(connection: Connection, project: Project) -> Tally:
    """Of all of the project's traces."""
    found: dict[Place, Sums] = {}
    for kind, asked in _kinds(project):
        for name, day, *sums in connection.execute(asked):
            found[kind, name, day] = Sums.of(sums)
    return found


def wrong(connection: Connection, project: Project) -> Iterator[str]:
    """A sentence for each tally that says something else."""
    there, found = _stored(connection, project), counted(connection, project)
    for place in sorted(there.keys() | found.keys()):
        said, is_so = there.get(place, NOTHING), found.get(place, NOTHING)
        if said != is_so:
            kind, name, day = place
            yield f"{project.name}: {kind.name} {name!r} of day {day} counts {said}, not {is_so}"


def _stored(connection: Connection, project: Project) -> Tally:
    place = tallies.c.kind, tallies.c.name, tallies.c.day
    sums = (func.sum(tallies.c[name]) for name in Sums._fields)
    asked = select(*place, *sums).where(tallies.c.project_id == project.id).group_by(*place)
    return {
        (Kind(kind), name, day): Sums.of(sums)
        for kind, name, day, *sums in connection.execute(asked)
    }


def _kinds(project: Project) -> Iterator[tuple[Kind, Select[Any]]]:
    own = traces.c
    spent = _spent(own.cost)
    whole = _NONE, *spent, func.sum(own.tokens_in + own.tokens_out)
    calls = func.sum(trace_models.c.calls), *_spent(trace_models.c.cost), _NONE
    yield Kind.PROJECT, _by(literal(""), traces, project, whole)
    yield Kind.USER, _by(own.user_id, traces, project, whole).where(own.user_id.is_not(None))
    yield Kind.STATUS, _by(own.status, traces, project)
    yield Kind.FAILED, _by(_FAILED, traces, project)
    yield Kind.MODEL, _by(trace_models.c.model, trace_models, project, calls)
    yield Kind.TAG, _by(trace_tags.c.tag, trace_tags, project)


_NONE = literal(0)
_FAILED = case((traces.c.errors > 0, failed(True)), else_=failed(False))


def _spent(cost: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.sum(cost // units.PER_USD), func.sum(cost % units.PER_USD)


def _by(
    name: ColumnElement[str],
    table: Table,
    project: Project,
    sums: tuple[ColumnElement[int], ...] = (_NONE,) * 4,
) -> Select[Any]:
    named, day = name.label("name"), units.day_of(table.c.started_at).label("day")
    columns: tuple[Any, ...] = named, day, func.count(), *sums
    asked = select(*columns).where(table.c.project_id == project.id)
    # By their place: PostgreSQL takes two parameters of one value for different ones.
    return asked.group_by(text("1"), text("2"))
