"""Token buckets: how many requests someone may still make, as the plans have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from pytest_opswald.server.settings import Plan

MOST_BUCKETS = 10_000


class Rate(NamedTuple):
    per_minute: int
    burst: int


RATES: dict[Plan, Rate] = {
    "free": Rate(100, 200),
    "pro": Rate(1_000, 2_000),
    "teams": Rate(5_000, 10_000),
    "enterprise": Rate(60_000, 120_000),
}


class Allowance(NamedTuple):
    """What one request was told."""

    granted: bool
    limit: int
    """Requests per minute."""
    remaining: int
    full_at: int
    """Unix seconds when all of the burst is there again."""
    retry_after: int
    """Seconds until the next request is granted; 0 when this one was."""


@dataclass
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """One bucket for each name; one that is full again is forgotten."""

    def __init__(self, rate: Rate, now: Callable[[], float]) -> None:
        self._rate = rate
        self._per_second = rate.per_minute / 60
        self._now = now
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> Allowance:
        """One token, when there is one."""
        now = self._now()
        bucket = self._buckets.get(name) or self._added(name, now)
        tokens = self._filled(bucket, now)
        granted = tokens >= 1
        bucket.tokens, bucket.at = tokens - granted, now
        return self._told(bucket, granted)

    def _filled(self, bucket: _Bucket, now: float) -> float:
        passed = max(0.0, now - bucket.at)
        return min(self._rate.burst, bucket.tokens + passed * self._per_second)

    def _told(self, bucket: _Bucket, granted: bool) -> Allowance:
        missing = self._rate.burst - bucket.tokens
        return Allowance(
            granted,
            limit=self._rate.per_minute,
            remaining=min(self._rate.per_minute, int(bucket.tokens)),
            full_at=ceil(bucket.at + missing / self._per_second),
            retry_after=0 if granted else ceil((1 - bucket.tokens) / self._per_second),
        )

    def _added(self, name: str, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_BUCKETS:
            self._forget(now)
        return self._buckets.setdefault(name, _Bucket(self._rate.burst, now))

    def _forget(self, now: float) -> None:
        """Full buckets; when that is not enough, the one that was asked longest ago."""
        kept = {k: b for k, b in self._buckets.items() if self._filled(b, now) < self._rate.burst}
        if len(kept) >= MOST_BUCKETS:
            del kept[min(kept, key=lambda name: kept[name].at)]
        self._buckets = kept
