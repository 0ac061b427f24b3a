"""When a delivery that failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_opswald.server.webhooks.schedule import PAUSES, next_attempt

NOW = datetime(2026, 3, 17, 14, 0, tzinfo=UTC)


def _pause(attempts: int, told: str | None = None, dice: float = 0) -> float | None:
    then = next_attempt(attempts, now=NOW, told=told, dice=lambda: dice)
    return then and (then - NOW).total_seconds()


def test_pauses_grow_from_seconds_to_a_day_and_end() -> None:
    """5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten attempts in all."""
    pauses = [_pause(attempts) for attempts in range(1, 11)]

    assert pauses == [*PAUSES, None]
    assert timedelta(seconds=sum(PAUSES)) > timedelta(days=3)


def test_what_failed_together_does_not_come_back_together() -> None:
    """Up to a tenth is added, never taken away."""
    assert _pause(2, dice=0) == 300
    assert _pause(2, dice=1) == 330


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        pytest.param("120", 120, id="later than planned"),
        pytest.param("1", 5, id="sooner than planned"),
        pytest.param("Tue, 17 Mar 2026 14:10:00 GMT", 600, id="a date"),
        pytest.param("Tue, 17 Mar 2026 13:00:00 GMT", 5, id="a date that is past"),
        pytest.param("Tue, 17 Mar 2036 14:00:00 GMT", 86400, id="in ten years"),
        pytest.param("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 5, id="no year"),
        pytest.param("9" * 400, 86400, id="never"),
        pytest.param("-5", 5, id="negative"),
        pytest.param("soon", 5, id="no time at all"),
        pytest.param("", 5, id="nothing"),
    ],
)
def test_retry_after_may_put_off_an_attempt(told: str, seconds: float) -> None:
    """In seconds or as a date, by a day at most; nonsense changes nothing."""
    assert _pause(1, told) == seconds
