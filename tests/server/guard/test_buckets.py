"""Rates and bursts, by a clock that the tests move."""

from __future__ import annotations

import pytest

from pytest_opswald.server.guard import buckets
from pytest_opswald.server.guard.buckets import RATES, Buckets, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1_773_754_800.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_is_granted_and_the_next_request_is_not(clock: Clock) -> None:
    """The free plan: 200 at once, then one every 0.6 seconds."""
    free = Buckets(RATES["free"], clock)

    granted = [free.take("anyone").granted for _ in range(201)]

    assert granted == [True] * 200 + [False]


def test_what_was_taken_comes_back_at_the_rate_of_the_plan(clock: Clock) -> None:
    """100 a minute: after six seconds there are ten, and no eleventh."""
    free = Buckets(RATES["free"], clock)
    for _ in range(200):
        free.take("anyone")

    clock.now += 6
    granted = [free.take("anyone").granted for _ in range(11)]

    assert granted == [True] * 10 + [False]


def test_the_headers_say_rate_rest_and_when_all_is_back(clock: Clock) -> None:
    """The rest is never said to be more than a minute's worth; the time is in whole seconds."""
    free = Buckets(RATES["free"], clock)

    first = free.take("anyone")
    assert (first.limit, first.remaining, first.retry_after) == (100, 100, 0)
    assert first.full_at == clock.now + 1

    for _ in range(199):
        free.take("anyone")
    refused = free.take("anyone")
    assert (refused.granted, refused.remaining, refused.retry_after) == (False, 0, 1)
    assert refused.full_at == clock.now + 120


def test_who_waits_as_told_is_granted(clock: Clock) -> None:
    """`Retry-After` is enough, at slow rates, too."""
    slow = Buckets(Rate(per_minute=7, burst=1), clock)
    slow.take("anyone")

    clock.now += slow.take("anyone").retry_after

    assert slow.take("anyone").granted


def test_everyone_has_a_bucket(clock: Clock) -> None:
    """One project that asks too much does not slow down another."""
    one = Buckets(Rate(per_minute=60, burst=1), clock)
    one.take("greedy")

    assert not one.take("greedy").granted
    assert one.take("modest").granted


def test_a_clock_that_is_set_back_takes_nothing_away(clock: Clock) -> None:
    """Time that did not pass fills nothing, and empties nothing."""
    free = Buckets(RATES["free"], clock)
    before = free.take("anyone")

    clock.now -= 3600

    assert free.take("anyone").remaining >= before.remaining - 1


def test_names_without_end_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever invents addresses fills no memory, and loses none of the buckets that are in use."""
    monkeypatch.setattr(buckets, "MOST_BUCKETS", 10)
    few = Buckets(Rate(per_minute=60, burst=2), clock)

    for number in range(1000):
        few.take(f"invented {number}")
        clock.now += 0.001
        few.take("in use")

    assert len(few._buckets) <= 11
    assert not few.take("in use").granted
