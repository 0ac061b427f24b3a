"""Analytics: sums over the traces that started in the last so many days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import Connection

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

from . import tally_sums
from .projects import Project
from .tallies import NOTHING, Kind, Sums

_MOST_MODELS = 100
_SERIES: dict[Grouping, str] = {"day": "daily", "week": "weekly", "month": "monthly"}
_Day = tuple[date, Sums]


def usage(connection: Connection, project: Project, query: UsageQuery, *, now: int) -> Usage:
    start = now - _days(query.period) * units.DAY
    found = tally_sums.by_day(connection, project, start, now)
    total = tally_sums.total(found.values())
    every = range(units.day(start), units.day(now) + 1)
    days = [(date.fromordinal(day), found.get(day, NOTHING)) for day in every]
    return Usage(
        period=query.period,
        total_traces=total.traces,
        total_cost=units.usd(total.cost),
        total_tokens=units.tokens(total.tokens),
        top_models=tuple(_top_models(connection, project, start, now)),
        **{_SERIES[query.group_by]: tuple(_buckets(days, query.group_by))},
    )


def cost(connection: Connection, project: Project, query: CostQuery, *, now: int) -> Cost:
    days = _days(query.period)
    start = now - days * units.DAY
    total = _cost(connection, project, start, now)
    models = _models(connection, project, start, now)
    return Cost(
        total_cost=units.usd(total),
        cost_by_model={model: units.usd(sums.cost) for model, sums in models},
        cost_by_user=_by_user(connection, project, start, now),
        trends=Trends(
            daily_average=units.usd(total / days), weekly_growth=_growth(connection, project, now)
        ),
    )


def _days(period: str) -> int:
    return int(period.removesuffix("d"))


def _buckets(days: Iterable[_Day], grouping: Grouping) -> Iterable[Bucket]:
    for start, group in groupby(days, key=lambda day: _start(day[0], grouping)):
        total = tally_sums.total(sums for _, sums in group)
        yield Bucket(
            date=start.isoformat(),
            traces=total.traces,
            cost=units.usd(total.cost),
            tokens=units.tokens(total.tokens),
        )


def _start(day: date, grouping: Grouping) -> date:
    if grouping == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grouping == "month" else day


def _models(
    connection: Connection, project: Project, start: int, end: int
) -> list[tuple[str, Sums]]:
    """Those called most first."""
    models = tally_sums.by_name(connection, project, Kind.MODEL, start, end)
    return sorted(models.items(), key=lambda model: (-model[1].calls, model[0]))


def _top_models(
    connection: Connection, project: Project, start: int, end: int
) -> Iterable[ModelUse]:
    models = _models(connection, project, start, end)
    calls = sum(sums.calls for _, sums in models)
    for model, sums in models[:_MOST_MODELS]:
        share = round(sums.calls / calls, 2)
        yield ModelUse(model=model, usage=share, cost=units.usd(sums.cost))


def _cost(connection: Connection, project: Project, start: int, end: int) -> int:
    return tally_sums.total(tally_sums.by_day(connection, project, start, end).values()).cost


def _by_user(connection: Connection, project: Project, start: int, end: int) -> dict[str, float]:
    """Those who spent most first."""
    users = tally_sums.by_name(connection, project, Kind.USER, start, end)
    spent = sorted(users.items(), key=lambda user: (-user[1].cost, user[0]))
    return {user: units.usd(sums.cost) for user, sums in spent}


def _growth(connection: Connection, project: Project, now: int) -> float | None:
    week = 7 * units.DAY
    before = _cost(connection, project, now - 2 * week, now - week)
    if not before:
        return None
    return round(_cost(connection, project, now - week, now) / before - 1, 4)
