"""Sums of tallies over any stretch of time: whole days as counted, less what its ends cut off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, text

from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import tallies, trace_models, traces

from .projects import Project
from .tallies import NOTHING, Kind, Sums


def by_day(connection: Connection, project: Project, start: int, end: int) -> dict[int, Sums]:
    """Of each day's traces that started from `start` until just before `end`."""
    return _summed(connection, project, Kind.PROJECT, start, end)


def by_name(
    connection: Connection, project: Project, kind: Kind, start: int, end: int
) -> dict[str, Sums]:
    """The same of each user or each model."""
    return _summed(connection, project, kind, start, end)


def total(sums: Iterable[Sums]) -> Sums:
    return Sums.of(map(sum, zip(NOTHING, *sums, strict=True)))


def traces_of(
    connection: Connection,
    project: Project,
    kind: Kind,
    name: str,
    *,
    first: int | None,
    last: int | None,
) -> int:
    """How many traces started from the first day to the last; None is without an end."""
    asked = select(func.coalesce(func.sum(tallies.c.traces), 0)).where(
        tallies.c.project_id == project.id, tallies.c.kind == int(kind), tallies.c.name == name
    )
    if first is not None:
        asked = asked.where(tallies.c.day >= first)
    if last is not None:
        asked = asked.where(tallies.c.day <= last)
    return int(connection.execute(asked).scalar_one())


def _summed(
    connection: Connection, project: Project, kind: Kind, start: int, end: int
) -> dict[Any, Sums]:
    first, last = units.day(start), units.day(end)
    parts = (
        (_days(project, kind, first + 1, last), 1),
        (_started(project, kind, start, units.midnight(first + 1)), 1),
        # Nearly nothing while the last day is not over: it has not come yet.
        (_started(project, kind, end, units.midnight(last + 1)), -1),
    )
    found: dict[Any, Sums] = {}
    for asked, sign in parts:
        for key, *sums in connection.execute(asked):
            found[key] = found.get(key, NOTHING).plus(Sums.of(sums), sign)
    return {key: sums for key, sums in found.items() if sums.traces}


def _days(project: Project, kind: Kind, first: int, last: int) -> Select[Any]:
    key = tallies.c.day if kind is Kind.PROJECT else tallies.c.name
    return (
        select(key, *(func.sum(tallies.c[name]) for name in Sums._fields))
        .where(tallies.c.project_id == project.id, tallies.c.kind == int(kind))
        .where(tallies.c.day >= first, tallies.c.day <= last)
        .group_by(key)
    )


def _started(project: Project, kind: Kind, start: int, end: int) -> Select[Any]:
    """Of single traces, from one time of a day until just before another."""
    if kind is Kind.MODEL:
        named = tallies.c.kind == int(kind), tallies.c.day == units.day(start)
        here = select(tallies.c.name).where(tallies.c.project_id == project.id, *named)
        # Told its models, an index finds those of a few hours.
        asked, its = _MODELS.where(trace_models.c.model.in_(here)), trace_models.c
    else:
        asked, its = (_DAYS if kind is Kind.PROJECT else _USERS), traces.c
    return asked.where(its.project_id == project.id, its.started_at >= start, its.started_at < end)


def _by(key: ColumnElement[Any], calls: Any, cost: Any, tokens: Any) -> Select[Any]:
    spent = cost // units.PER_USD, cost % units.PER_USD
    sums = map(func.sum, (calls, *spent, tokens))
    asked: Select[Any] = select(key, func.count(), *sums).where(key.is_not(None))
    # By its place: PostgreSQL takes two parameters of one value for different ones.
    return asked.group_by(text("1"))


_SAID = traces.c.tokens_in + traces.c.tokens_out
_DAYS = _by(units.day_of(traces.c.started_at), 0, traces.c.cost, _SAID)
_USERS = _by(traces.c.user_id, 0, traces.c.cost, _SAID)
_MODELS = _by(trace_models.c.model, trace_models.c.calls, trace_models.c.cost, 0)
