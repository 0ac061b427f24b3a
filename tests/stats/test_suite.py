"""One verdict for many goldens."""

from __future__ import annotations

import random

import pytest

from pytest_opswald.stats.suite import Pair, judge
from pytest_opswald.stats.trials import Trial

PASS, FAIL, LOST = Trial("pass", tokens=100), Trial("fail", tokens=100), Trial("infra")


def pair(number: int, before: tuple[Trial, ...], now: tuple[Trial, ...], *tags: str) -> Pair:
    return Pair(f"golden_{number:02}", before, now, tags)


def singles(*, held: int, worse: int = 0, better: int = 0) -> list[Pair]:
    """Goldens of one trial on either side."""
    sides = [(PASS, PASS)] * held + [(PASS, FAIL)] * worse + [(FAIL, PASS)] * better
    return [pair(i, (before,), (now,)) for i, (before, now) in enumerate(sides)]


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        (singles(held=20), "pass"),
        (singles(held=100, worse=3, better=1), "pass"),
        (singles(held=10, worse=3, better=3), "pass"),
        (singles(held=15, worse=5), "fail"),
        (singles(held=10, worse=4), "inconclusive"),
        (singles(held=5, worse=4), "inconclusive"),
        (singles(held=0, worse=9), "inconclusive"),
    ],
    ids=["equal", "noise", "as often better", "a real drop", "unproven", "nine goldens", "too few"],
)
def test_a_drop_is_red_when_it_is_no_chance(pairs: list[Pair], verdict: str) -> None:
    """Less than that is noise, or worth more trials; below ten goldens nothing is said."""
    assert judge(pairs).verdict == verdict


def test_an_unproven_drop_says_what_would_prove_it() -> None:
    """About so many more trials, all goldens together."""
    judged = judge(singles(held=10, worse=4))

    assert judged.why.startswith("a drop of 29% may be chance, p = 0.062; need about ")
    assert judged.complete


def test_several_trials_see_what_single_ones_cannot() -> None:
    """Rates that drop a little everywhere are a drop."""
    before, now = (PASS,) * 5, (PASS, PASS, PASS, FAIL, FAIL)

    judged = judge([pair(i, before, now) for i in range(12)])

    assert judged.verdict == "fail"
    assert judged.now == pytest.approx(0.6)
    assert judged.p == pytest.approx(2**-12)


def test_a_drop_within_one_tag_is_red_by_itself() -> None:
    """Where the rest of the suite gets better at the same time."""
    broken = [pair(i, (PASS,), (FAIL,), "refunds") for i in range(7)]
    better = [pair(i + 7, (FAIL,), (PASS,), "search") for i in range(7)]

    judged = judge([*broken, *better])

    assert judged.verdict == "fail"
    assert [tag.tag for tag in judged.tags if tag.failed] == ["refunds"]
    assert judged.p
    assert judged.p > 0.05


def test_too_many_provider_errors_leave_it_open() -> None:
    """And the comparison incomplete: that is never green."""
    pairs = [pair(i, (PASS,), (PASS, LOST) if i % 2 else (PASS,)) for i in range(20)]

    judged = judge(pairs)

    assert judged.verdict == "inconclusive"
    assert not judged.complete
    assert judged.why == "10 of 30 runs ended in provider errors"


def test_nothing_at_all_is_incomplete() -> None:
    """No golden, no verdict."""
    assert not judge([]).complete


def test_what_runs_used_is_compared_as_well() -> None:
    """Tokens of all goldens over those of the baseline, lost runs left out."""
    dearer = Trial("pass", tokens=130)

    judged = judge([pair(i, (PASS,), (dearer, LOST) if i == 0 else (dearer,)) for i in range(12)])

    assert judged.ratios["tokens"].value == pytest.approx(1.3)
    assert "cost" not in judged.ratios


def test_the_worst_goldens_come_first() -> None:
    """Those that did not drop are not named."""
    half = (PASS, FAIL)
    pairs = [pair(i, (PASS, PASS), (PASS, PASS)) for i in range(10)]

    judged = judge([*pairs, pair(10, (PASS, PASS), half), pair(11, (PASS, PASS), (FAIL, FAIL))])

    assert judged.worse == ("golden_11", "golden_10")


def test_equal_agents_are_seldom_red() -> None:
    """False alarms stay below what was asked for, over many pairs of equal sessions."""
    draws = random.Random(7)
    reds = 0
    for _ in range(120):
        rates = [draws.choice([0.5, 0.9, 0.97]) for _ in range(30)]
        sides = [[PASS if draws.random() < rate else FAIL for _ in range(2)] for rate in rates]
        judged = judge([pair(i, (one,), (other,)) for i, (one, other) in enumerate(sides)])
        reds += judged.verdict == "fail"

    assert reds <= 6
