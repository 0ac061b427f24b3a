"""Which traces a query means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from pytest_opswald.api.traces import TraceQuery
from pytest_opswald.server.database.tables import trace_models, trace_tags, traces
from pytest_opswald.server.database.units import stamp, units

from .projects import Project


def filtered(asked: Select[Any], project: Project, filters: TraceQuery) -> Select[Any]:
    """The project's traces to which all of the filters apply."""
    return asked.where(traces.c.project_id == project.id, *_conditions(project, filters))


def _conditions(project: Project, filters: TraceQuery) -> Iterator[ColumnElement[bool]]:
    yield from _bounds(filters)
    for column in ("user_id", "session_id", "status"):
        if (wanted := getattr(filters, column)) is not None:
            yield traces.c[column] == wanted
    if filters.error is not None:
        yield traces.c.errors > 0 if filters.error else traces.c.errors == 0
    if filters.model is not None:
        yield _among(trace_models, project, trace_models.c.model == filters.model)
    if filters.tag is not None:
        yield _among(trace_tags, project, trace_tags.c.tag == filters.tag)
    if filters.project not in {None, project.name}:
        yield false()


def _bounds(filters: TraceQuery) -> Iterator[ColumnElement[bool]]:
    if filters.start_time is not None:
        yield traces.c.started_at >= stamp(filters.start_time)
    if filters.end_time is not None:
        yield traces.c.started_at < stamp(filters.end_time)
    if filters.min_cost is not None:
        yield traces.c.cost >= units(filters.min_cost)
    if filters.max_cost is not None:
        yield traces.c.cost <= units(filters.max_cost)


def _among(table: Any, project: Project, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return traces.c.pk.in_(select(table.c.trace_pk).where(table.c.project_id == project.id, wanted))
