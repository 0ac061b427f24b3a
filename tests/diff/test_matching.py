"""Assignment is never greedy."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff.matching import assignment

WEIGHT = st.sampled_from([0.0, 0.0, 0.4, 0.5, 0.7, 0.9, 1.0])
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(WEIGHT, min_size=columns, max_size=columns), min_size=1, max_size=4
    )
)


def best_by_trying(weights: list[list[float]]) -> float:
    if len(weights) > len(weights[0]):
        weights = [list(column) for column in zip(*weights, strict=True)]
    columns = range(len(weights[0]))
    return max(
        sum(weights[row][column] for row, column in enumerate(order))
        for order in permutations(columns, len(weights))
    )


@given(TABLES)
def test_no_other_pairing_weighs_more(weights: list[list[float]]) -> None:
    """Each item is used once, and the sum is the greatest that any order reaches."""
    pairs = assignment(weights)

    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(weights[r][c] for r, c in pairs) == pytest.approx(best_by_trying(weights))


def test_gives_up_the_best_pair_for_a_better_whole() -> None:
    """Taking the .9 first would leave the second row with nothing."""
    assert assignment([[0.9, 0.8], [0.8, 0.0]]) == [(0, 1), (1, 0)]


def test_leaves_out_what_does_not_fit() -> None:
    """Weight 0 means no pair, even when both are free."""
    assert assignment([[0.0, 0.5], [0.0, 0.0]]) == [(0, 1)]
