"""`/v1/analytics`: sums that agree with each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server.test_traces import problem, stored


def spent(
    api: httpx.Client,
    days_ago: float,
    cost: float,
    *,
    model: str = "gpt-4o",
    user: str | None = None,
) -> None:
    """A trace of one call, so many days ago."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    call = {
        "type": "llm_call",
        "input": {"model": model},
        "cost": cost,
        "tokens": {"input": 10, "output": 1},
    }
    stored(api, {"started_at": at.isoformat(), "user_id": user, "steps": [call]})


def usage(api: httpx.Client, **query: str) -> dict[str, Any]:
    return api.get("/analytics/usage", params=query).json()


def test_nothing_yet_is_zero(api: httpx.Client) -> None:
    """An empty project has days without traces, not an error."""
    said = usage(api)

    assert (said["period"], said["total_traces"], said["total_cost"]) == ("7d", 0, 0)
    assert len(said["daily"]) == 8
    assert said["top_models"] == []
    assert api.get("/analytics/cost").json() == {
        "total_cost": 0,
        "cost_by_model": {},
        "cost_by_user": {},
        "trends": {"daily_average": 0, "weekly_growth": None},
    }


@pytest.fixture(scope="module")
def spending(api: httpx.Client) -> None:
    """1.50 this week, 1.00 the week before, 7 long ago."""
    spent(api, 0.1, 0.75, user="ann")
    spent(api, 3, 0.5, user="bob")
    spent(api, 3, 0.25, model="claude-3-sonnet")
    spent(api, 10, 1.0, user="ann")
    spent(api, 80, 7.0, user="bob")


@pytest.mark.usefixtures("spending")
@pytest.mark.parametrize("grouping", ["day", "week", "month"])
@pytest.mark.parametrize(
    ("period", "traces", "cost"),
    [("1d", 1, 0.75), ("7d", 3, 1.5), ("30d", 4, 2.5), ("90d", 5, 9.5)],
)
def test_series_add_up_to_the_totals(
    api: httpx.Client, period: str, grouping: str, traces: int, cost: float
) -> None:
    """In whatever buckets, oldest first, none left out."""
    said = usage(api, period=period, group_by=grouping)

    series = said[{"day": "daily", "week": "weekly", "month": "monthly"}[grouping]]
    assert said["total_traces"] == sum(bucket["traces"] for bucket in series) == traces
    assert said["total_cost"] == sum(bucket["cost"] for bucket in series) == cost
    assert said["total_tokens"] == sum(bucket["tokens"] for bucket in series) == 11 * traces
    assert len({"daily", "weekly", "monthly"} & said.keys()) == 1
    dates = [bucket["date"] for bucket in series]
    assert dates == sorted(set(dates))


@pytest.mark.usefixtures("spending")
def test_models_share_the_calls(api: httpx.Client) -> None:
    """Usage is a share of calls, not of cost."""
    assert usage(api)["top_models"] == [
        {"model": "gpt-4o", "usage": 0.67, "cost": 1.25},
        {"model": "claude-3-sonnet", "usage": 0.33, "cost": 0.25},
    ]


@pytest.mark.usefixtures("spending")
def test_cost_is_told_by_model_and_by_user(api: httpx.Client) -> None:
    """Of 30 days unless asked otherwise; traces of nobody count in the total alone."""
    said = api.get("/analytics/cost").json()

    assert said["total_cost"] == 2.5
    assert said["cost_by_model"] == {"gpt-4o": 2.25, "claude-3-sonnet": 0.25}
    assert said["cost_by_user"] == {"ann": 1.75, "bob": 0.5}
    assert said["trends"]["daily_average"] == pytest.approx(2.5 / 30)
    assert said["trends"]["weekly_growth"] == 0.5


@pytest.mark.parametrize(
    ("path", "field"),
    [("usage?period=2d", "period"), ("usage?group_by=year", "group_by"), ("cost?days=3", "days")],
)
def test_questions_that_make_no_sense_are_named(api: httpx.Client, path: str, field: str) -> None:
    """As those of every list."""
    assert problem(api.get(f"/analytics/{path}"))["details"]["field"] == field
