"""Analytics: sums over the traces that started in the last so many days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from pytest_opswald.api.analytics import (
    Bucket,
    Cost,
    CostQuery,
    Grouping,
    ModelUse,
    Trends,
    Usage,
    UsageQuery,
)
from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import trace_models, traces

from .projects import Project

_DAY = 86_400 * 10**6
_MOST_MODELS = 100
_SERIES: dict[Grouping, str] = {"day": "daily", "week": "weekly", "month": "monthly"}
_Day = tuple[date, int, int, int]
"""A day, its traces, their cost in units, their tokens."""


def usage(connection: Connection, project: Project, query: UsageQuery, *, now: int) -> Usage:
    start = now - _days(query.period) * _DAY
    days = _filled(_daily(connection, project, start, now), start, now)
    buckets = tuple(_buckets(days, query.group_by))
    return Usage(
        period=query.period,
        total_traces=sum(traces for _, traces, _, _ in days),
        total_cost=units.usd(sum(cost for _, _, cost, _ in days)),
        total_tokens=units.tokens(sum(tokens for *_, tokens in days)),
        top_models=tuple(_top_models(connection, project, start, now)),
        **{_SERIES[query.group_by]: buckets},
    )


def cost(connection: Connection, project: Project, query: CostQuery, *, now: int) -> Cost:
    days = _days(query.period)
    start = now - days * _DAY
    total = _cost(connection, project, start, now)
    return Cost(
        total_cost=units.usd(total),
        cost_by_model={
            row.model: units.usd(row.cost) for row in _models(connection, project, start, now)
        },
        cost_by_user=_by_user(connection, project, start, now),
        trends=Trends(
            daily_average=units.usd(total / days), weekly_growth=_growth(connection, project, now)
        ),
    )


def _days(period: str) -> int:
    return int(period.removesuffix("d"))


def _of(
    asked: Select[*tuple[Any, ...]], project: Project, start: int, end: int
) -> Select[*tuple[Any, ...]]:
    return asked.where(
        traces.c.project_id == project.id,
        traces.c.started_at >= start,
        traces.c.started_at < end,
    )


def _daily(connection: Connection, project: Project, start: int, end: int) -> Iterable[_Day]:
    day: ColumnElement[int] = (traces.c.started_at // _DAY).label("day")
    tokens = units.total(traces.c.tokens_in) + units.total(traces.c.tokens_out)
    asked = select(day, func.count(), units.total(traces.c.cost), tokens).group_by(day)
    for number, count, spent, said in connection.execute(_of(asked, project, start, end)):
        yield _date(number * _DAY), count, round(spent), round(said)


def _filled(days: Iterable[_Day], start: int, end: int) -> list[_Day]:
    """Every day of the window, oldest first, those without traces too."""
    found = {day[0]: day for day in days}
    first, last = _date(start), _date(end)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [found.get(day, (day, 0, 0, 0)) for day in every]


def _buckets(days: list[_Day], grouping: Grouping) -> Iterable[Bucket]:
    for start, group in groupby(days, key=lambda day: _start(day[0], grouping)):
        some = list(group)
        yield Bucket(
            date=start.isoformat(),
            traces=sum(traces for _, traces, _, _ in some),
            cost=units.usd(sum(cost for _, _, cost, _ in some)),
            tokens=units.tokens(sum(tokens for *_, tokens in some)),
        )


def _start(day: date, grouping: Grouping) -> date:
    if grouping == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grouping == "month" else day


def _date(stamp: int) -> date:
    return units.moment(stamp).date()


def _models(connection: Connection, project: Project, start: int, end: int) -> list[Any]:
    asked = (
        select(
            trace_models.c.model,
            func.sum(trace_models.c.calls).label("calls"),
            units.total(trace_models.c.cost).label("cost"),
        )
        .join(traces, traces.c.pk == trace_models.c.trace_pk)
        .where(trace_models.c.project_id == project.id)
        .group_by(trace_models.c.model)
        .order_by(func.sum(trace_models.c.calls).desc(), trace_models.c.model)
    )
    return list(connection.execute(_of(asked, project, start, end)))


def _top_models(
    connection: Connection, project: Project, start: int, end: int
) -> Iterable[ModelUse]:
    models = _models(connection, project, start, end)
    calls = sum(row.calls for row in models)
    for row in models[:_MOST_MODELS]:
        share = round(row.calls / calls, 2)
        yield ModelUse(model=row.model, usage=share, cost=units.usd(row.cost))


def _cost(connection: Connection, project: Project, start: int, end: int) -> float:
    asked = _of(select(units.total(traces.c.cost)), project, start, end)
    total: float = connection.execute(asked).scalar_one()
    return total


def _by_user(connection: Connection, project: Project, start: int, end: int) -> dict[str, float]:
    spent = units.total(traces.c.cost)
    asked = (
        select(traces.c.user_id, spent)
        .where(traces.c.user_id.is_not(None))
        .group_by(traces.c.user_id)
        .order_by(spent.desc(), traces.c.user_id)
    )
    rows = connection.execute(_of(asked, project, start, end))
    return {user: units.usd(total) for user, total in rows}


def _growth(connection: Connection, project: Project, now: int) -> float | None:
    week = 7 * _DAY
    before = _cost(connection, project, now - 2 * week, now - week)
    if not before:
        return None
    return round(_cost(connection, project, now - week, now) / before - 1, 4)
