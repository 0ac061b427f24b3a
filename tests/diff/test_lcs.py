"""The longest common subsequence is exact and leads through both sequences in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff import lcs

SEQUENCES = st.lists(st.integers(0, 4), max_size=14)


def length_by_table(one: Sequence[int], other: Sequence[int]) -> int:
    row = [0] * (len(other) + 1)
    for item in one:
        above = row
        row = [0]
        for j, match in enumerate(other):
            row.append(above[j] + 1 if item == match else max(above[j + 1], row[j]))
    return row[-1]


@given(SEQUENCES, SEQUENCES)
def test_is_as_long_as_the_textbook_says(one: list[int], other: list[int]) -> None:
    """The bit vectors find a subsequence of the length that the full table proves."""
    pairs = lcs.common(one, other)

    assert all(one[i] == other[j] for i, j in pairs)
    assert all(i < k and j < n for (i, j), (k, n) in pairwise(pairs))
    assert len(pairs) == length_by_table(one, other)


@pytest.fixture
def small_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lcs, "_TABLE_BITS", 6)


@pytest.mark.usefixtures("small_table")
def test_halving_large_problems_keeps_it_exact() -> None:
    """What is too large for one table is cut in two without losing a pair."""
    one = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]
    other = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5]

    pairs = lcs.common(one, other)

    assert len(pairs) == length_by_table(one, other)
    assert all(one[i] == other[j] for i, j in pairs)
