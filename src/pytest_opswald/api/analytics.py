"""Analytics: `/v1/analytics`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Answer, Count, Query, Usd, is_none

Period = Literal["1d", "7d", "30d", "90d"]
Grouping = Literal["day", "week", "month"]


class UsageQuery(Query):
    period: Period = "7d"
    """The last so many times 24 hours, by the start of traces."""
    group_by: Grouping = "day"


class CostQuery(Query):
    period: Period = "30d"


class Bucket(Answer):
    date: str
    """`2026-03-17`: the day, the Monday of the week or the first of the month, UTC."""
    traces: Count
    cost: Usd
    tokens: Count


class ModelUse(Answer):
    model: str
    usage: float
    """Share of all LLM calls, 0-1, two decimals."""
    cost: Usd


class Usage(Answer):
    period: Period
    total_traces: Count
    total_cost: Usd
    total_tokens: Count
    daily: tuple[Bucket, ...] | None = Field(None, exclude_if=is_none)
    """Exactly one of the three is there, by `group_by`; empty buckets are zero, oldest first."""
    weekly: tuple[Bucket, ...] | None = Field(None, exclude_if=is_none)
    monthly: tuple[Bucket, ...] | None = Field(None, exclude_if=is_none)
    top_models: tuple[ModelUse, ...]


class Trends(Answer):
    daily_average: Usd
    weekly_growth: float | None
    """Last seven days against the seven before, minus 1; None when those cost nothing."""


class Cost(Answer):
    total_cost: Usd
    cost_by_model: dict[str, Usd]
    cost_by_user: dict[str, Usd]
    """Without traces of nobody."""
    trends: Trends
