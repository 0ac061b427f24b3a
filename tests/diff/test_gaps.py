"""Short stretches are paired in order so that the pairs are as alike as can be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff import gaps
from pytest_opswald.diff.keys import leaves, similarity
from pytest_opswald.diff.likeness import Likeness

TABLES = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0.0, 0.4, 0.7, 1.0]), min_size=columns, max_size=columns),
        min_size=1,
        max_size=5,
    )
)
TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d d"]), max_size=4).map(" ".join)
ITEMS = st.lists(st.tuples(st.sampled_from(["user", "tool"]), TEXTS), min_size=1, max_size=4)


def path_through(table: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    return gaps.best_path(
        len(table), len(table[0]), lambda row, band: table[row][band.start : band.stop]
    )


def most(table: Sequence[Sequence[float]], row: int = 0, column: int = 0) -> float:
    """The greatest total there is, by trying everything."""
    if row == len(table) or column == len(table[0]):
        return 0.0
    paired = table[row][column] + most(table, row + 1, column + 1)
    return max(paired, most(table, row + 1, column), most(table, row, column + 1))


@given(TABLES)
def test_no_other_path_weighs_more(table: list[list[float]]) -> None:
    """It ascends on both sides, pairs nothing of weight 0, and has the greatest sum."""
    path = path_through(table)

    assert all(i < k and j < n for (i, j), (k, n) in pairwise(path))
    assert all(table[i][j] > 0 for i, j in path)
    assert sum(table[i][j] for i, j in path) == pytest.approx(most(table))


@pytest.mark.parametrize(("rows", "columns"), [(9, 9), (9, 200), (200, 9)])
def test_a_large_table_is_walked_near_its_diagonal(
    rows: int, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one end to the other, whatever its shape."""
    monkeypatch.setattr(gaps, "_MOST_CELLS", 50)
    monkeypatch.setattr(gaps, "_LEAST_REACH", 3)

    path = path_through([[1.0] * columns] * rows)

    assert len(path) == min(rows, columns)


@given(ITEMS, ITEMS)
def test_bits_tell_how_alike_items_are(
    ones: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    """As the sets of their leaves do; of two lone items only whether they go together counts."""
    likeness = Likeness(ones, others, key=lambda it: it[0], leaves=lambda it: leaves(it[1]))

    for row, one in enumerate(ones):
        found = likeness.weights(row, range(len(others)))
        alike = [similarity(leaves(one[1]), leaves(it[1])) for it in others]
        expected = [
            weight if it[0] == one[0] else 0.0 for it, weight in zip(others, alike, strict=True)
        ]
        if len(ones) == len(others) == 1:
            assert [weight > 0 for weight in found] == [weight > 0 for weight in expected]
        else:
            assert found == pytest.approx(expected)
