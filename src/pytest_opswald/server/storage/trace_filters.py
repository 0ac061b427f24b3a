"""Which traces a query means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, false, literal_column, select

from pytest_opswald.api.pages import Paging
from pytest_opswald.api.traces import TraceQuery
from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import trace_models, trace_tags, traces
from pytest_opswald.server.database.units import stamp

from . import tally_sums
from .pages import counted
from .projects import Project
from .tallies import Kind, failed

_ZERO: ColumnElement[int] = literal_column("0")


_TALLIED = {
    "user_id": Kind.USER,
    "status": Kind.STATUS,
    "error": Kind.FAILED,
    "model": Kind.MODEL,
    "tag": Kind.TAG,
}
_NO_FILTERS = {*Paging.model_fields, "start_time", "end_time"}


def filtered(project: Project, filters: TraceQuery) -> tuple[Select[Any], ColumnElement[int]]:
    """The project's traces to which all of the filters apply; what says when they started.

    A model or a tag has its traces in that order.
    """
    asked, started = select(traces), traces.c.started_at
    if filters.tag is not None:
        asked = _of(asked, trace_tags, trace_tags.c.tag == filters.tag)
        started = trace_tags.c.started_at
    if filters.model is not None:
        asked = _of(asked, trace_models, trace_models.c.model == filters.model)
        started = trace_models.c.started_at
    asked = asked.where(traces.c.project_id == project.id, *_conditions(project, filters))
    return asked.where(*_bounds(filters, started)), started


def total(connection: Connection, project: Project, filters: TraceQuery) -> int:
    """How many there are in all; told by tallies unless several filters apply."""
    tally = _tally(project, filters)
    start, end = filters.start_time, filters.end_time
    if tally is None or (start and end and start >= end):
        return counted(connection, filtered(project, filters)[0])
    first = units.day(stamp(start)) + 1 if start else None
    last = units.day(stamp(end)) if end else None
    found = tally_sums.traces_of(connection, project, *tally, first=first, last=last)
    if first is not None:
        found += _between(connection, project, filters, start, first)
    if last is not None:
        found -= _between(connection, project, filters, end, last + 1)
    return found


def _tally(project: Project, filters: TraceQuery) -> tuple[Kind, str] | None:
    """Which one counts what the filters want; None when that is none."""
    asked = filters.model_dump(exclude_none=True, exclude=_NO_FILTERS)
    if asked.get("project") == project.name:
        del asked["project"]
    match list(asked.items()):
        case []:
            return Kind.PROJECT, ""
        case [("error", bool(is_so))]:
            return Kind.FAILED, failed(is_so)
        case [(name, str(value))] if name in _TALLIED:
            return _TALLIED[name], value
    return None


def _between(
    connection: Connection, project: Project, filters: TraceQuery, start: Any, day: int
) -> int:
    """How many started then or later, but before that day."""
    end = units.moment(units.midnight(day))
    cut = filters.model_copy(update={"start_time": start, "end_time": end})
    return counted(connection, filtered(project, cut)[0])


def _conditions(project: Project, filters: TraceQuery) -> Iterator[ColumnElement[bool]]:
    for column in ("user_id", "session_id", "status"):
        if (wanted := getattr(filters, column)) is not None:
            yield traces.c[column] == wanted
    if filters.error is not None:
        # As in the condition of the index of those that failed.
        yield traces.c.errors > _ZERO if filters.error else traces.c.errors == _ZERO
    if filters.project not in {None, project.name}:
        yield false()


def _bounds(filters: TraceQuery, started: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    if filters.start_time is not None:
        yield started >= stamp(filters.start_time)
    if filters.end_time is not None:
        yield started < stamp(filters.end_time)
    if filters.min_cost is not None:
        yield traces.c.cost >= units.units(filters.min_cost)
    if filters.max_cost is not None:
        yield traces.c.cost <= units.units(filters.max_cost)


def _of(asked: Select[Any], table: Table, wanted: ColumnElement[bool]) -> Select[Any]:
    own = (table.c.project_id == traces.c.project_id) & (table.c.trace_pk == traces.c.pk)
    return asked.join(table, own).where(wanted)
