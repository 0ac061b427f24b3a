"""Times and money as the database keeps them: whole numbers, so sums are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Double, cast, func

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PER_USD = 10**10
DAY = 86_400 * 10**6
"""Microseconds."""
_FIRST_DAY = _EPOCH.toordinal()
MOST_UNITS = 10**18
MOST_TOKENS = 10**12
_MOST_MILLISECONDS = 10**12
"""What documents can say; sums of absurd numbers are cut here instead of failing somewhere."""


def now() -> int:
    """Microseconds since 1970."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stamp: int) -> datetime:
    """The time that `stamp` came from, in UTC."""
    return _EPOCH + timedelta(microseconds=stamp)


def day(stamp: int) -> int:
    """Which day that is in UTC, as `date.toordinal` numbers them."""
    return stamp // DAY + _FIRST_DAY


def midnight(day: int) -> int:
    """The stamp with which that day begins."""
    return (day - _FIRST_DAY) * DAY


def day_of(column: ColumnElement[int]) -> ColumnElement[int]:
    """The same in SQL, whose division rounds towards zero; what it divides is above."""
    return (column + _FIRST_DAY * DAY) // DAY


def units(usd: float) -> int:
    """USD in steps of 10^-10, as many places as the API shows."""
    return round(usd * PER_USD)


def usd(units: float) -> float:
    """USD, rounded to ten places."""
    return min(round(units), MOST_UNITS) / PER_USD


def tokens(count: float) -> int:
    return min(round(count), MOST_TOKENS)


def milliseconds(start: int, end: int) -> int:
    """Between two stamps; 0 when they are the wrong way round."""
    return min(max(0, end - start) // 1000, _MOST_MILLISECONDS)


def total(column: ColumnElement[int]) -> ColumnElement[float]:
    """The sum in SQL, 0 of nothing; exact up to 2^53, and never an overflow."""
    return func.coalesce(func.sum(cast(column, Double)), 0.0)
