"""Times and money as the database keeps them: whole numbers, so sums are exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_USD = 10**10


def now() -> int:
    """Microseconds since 1970."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stamp: int) -> datetime:
    """The time that `stamp` came from, in UTC."""
    return _EPOCH + timedelta(microseconds=stamp)


def units(usd: float) -> int:
    """USD in steps of 10^-10, as many places as the API shows."""
    return round(usd * _PER_USD)


def usd(units: float) -> float:
    """USD, rounded to ten places."""
    return units / _PER_USD
