"""Tests of a candidate against its baseline."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.stats.paired import (
    EXACT_PAIRS,
    benjamini_hochberg,
    mcnemar,
    ratio,
    sign_flip,
)


@given(st.integers(0, 5), st.integers(0, 5))
def test_mcnemar_counts_all_ways_pairs_could_have_gone(worse: int, better: int) -> None:
    """The share of all assignments with at least so many pairs worse."""
    ways = list(itertools.product((0, 1), repeat=worse + better))

    share = Fraction(sum(sum(way) >= worse for way in ways), len(ways))

    assert mcnemar(worse, better) == pytest.approx(float(share))


@pytest.mark.parametrize(("worse", "better", "red"), [(4, 0, False), (5, 0, True), (0, 9, False)])
def test_five_goldens_must_get_worse_before_it_is_no_chance(
    worse: int, better: int, red: bool
) -> None:
    """Fewer can never be red, however large the suite."""
    assert (mcnemar(worse, better) <= 0.05) is red


@given(st.lists(st.sampled_from([-1.0, -0.4, -0.2, 0.0, 0.2, 0.6, 0.8]), max_size=6))
def test_sign_flips_are_all_counted_for_few_pairs(drops: list[float]) -> None:
    """Exact: the share of sign assignments with at least the sum that was seen."""
    tenths = [Fraction(round(drop * 10)) for drop in drops]
    signs = list(itertools.product((1, -1), repeat=len(tenths)))
    sums = [sum(s * t for s, t in zip(way, tenths, strict=True)) for way in signs]

    share = Fraction(sum(total >= sum(tenths) for total in sums), len(sums))

    assert sign_flip(drops) == pytest.approx(float(share))


def test_sign_flips_on_single_trials_are_mcnemar() -> None:
    """A pair that did not change says nothing in either test."""
    assert sign_flip([1.0] * 7 + [-1.0] * 2 + [0.0] * 30) == mcnemar(7, 2)


def test_many_pairs_are_sampled_and_come_near_the_exact_value() -> None:
    """Seeded: the same data have the same p, close to that of all flips."""
    drops = [1.0] * (EXACT_PAIRS + 4) + [-1.0] * 8

    sampled = sign_flip(drops)

    assert sampled == sign_flip(drops)
    assert sampled == pytest.approx(mcnemar(EXACT_PAIRS + 4, 8), rel=0.25)


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([], []),
        ([0.04], [0.04]),
        ([0.01, 0.04, 0.03, 0.5], [0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5]),
        ([0.9, 0.9], [0.9, 0.9]),
        ([0.001, 0.02, 0.03], [0.003, 0.03, 0.03]),
    ],
)
def test_benjamini_hochberg_by_hand(p_values: list[float], adjusted: list[float]) -> None:
    """Each times the number of tests over its rank, never above a larger one's."""
    assert benjamini_hochberg(p_values) == pytest.approx(adjusted)


def test_a_ratio_carries_an_interval_that_holds_it() -> None:
    """Seeded, narrow where all goldens agree, wide where few do."""
    steady = ratio([(100.0, 120.0)] * 20)
    draws = random.Random(1)
    noisy = ratio([(100.0, draws.choice([20.0, 250.0])) for _ in range(20)])

    assert steady
    assert (steady.low, steady.value, steady.high) == (1.2, 1.2, 1.2)
    assert noisy
    assert noisy.low < noisy.value < noisy.high
    assert noisy.high - noisy.low > 0.5


def test_without_a_baseline_there_is_no_ratio() -> None:
    """A price nobody knows is no price of zero."""
    assert ratio([(0.0, 1.0)] * 10) is None
    assert ratio([]) is None
