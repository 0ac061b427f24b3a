"""When a delivery that failed is tried again. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MINUTE, _HOUR = 60, 3600
PAUSES = (
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Seconds between attempts, of Standard Webhooks."""
_LONGEST = PAUSES[-1]
_JITTER = 0.1


def next_attempt(
    attempts: int, *, now: datetime, told: str | None, dice: Callable[[], float]
) -> datetime | None:
    """After so many failed attempts; None when that was the last one.

    `told` is the answer's Retry-After: it may put off an attempt, by a day at most. `dice` gives
    0 to 1: many deliveries that failed together do not come back together.
    """
    if attempts > len(PAUSES):
        return None
    planned = PAUSES[attempts - 1] * (1 + _JITTER * dice())
    return now + timedelta(seconds=max(planned, _seconds(told, now)))


def _seconds(told: str | None, now: datetime) -> float:
    """0 where nothing is said that makes sense."""
    if told is None:
        return 0
    if told.strip().isdecimal():
        return min(float(told), _LONGEST)
    try:
        then = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return 0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min((then - now).total_seconds(), _LONGEST)
