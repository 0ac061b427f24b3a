"""Pairing two short stretches in order so that the pairs are as alike as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MOST_CELLS = 25_000
"""A larger table is banded: what stands far from the diagonal is not paired."""
_LEAST_REACH = 32
"""How far from the diagonal a pair may stand in any case."""
_UP, _LEFT, _PAIR = range(3)

Weights = Callable[[int, range], Sequence[float]]
"""Of a row with each of a range of columns."""


def best_path(rows: int, columns: int, weights: Weights) -> list[tuple[int, int]]:
    """Pairs of row and column, both ascending, of the greatest total weight; gaps are free.

    Needleman-Wunsch. A pair of weight 0 is none.
    """
    bands = [_band(row, rows, columns) for row in range(rows)]
    totals = [0.0] * (columns + 1)
    table: list[bytearray] = []
    reached = 0
    for row, band in enumerate(bands):
        # columns that no earlier row came to: as good as the last one it did come to
        totals[reached + 1 : band.stop + 1] = [totals[reached]] * (band.stop - reached)
        reached = band.stop
        table.append(_choices(band, totals, weights(row, band)))
    return _walked_back(bands, table)


def _band(row: int, rows: int, columns: int) -> range:
    if rows * columns <= _MOST_CELLS:
        return range(columns)
    reach = max(_MOST_CELLS // (2 * rows), _LEAST_REACH, columns // rows + 1)
    centre = row * columns // rows
    return range(max(0, centre - reach), min(columns, centre + reach + 1))


def _choices(band: range, totals: list[float], weights: Sequence[float]) -> bytearray:
    """Bring the totals to this row; what was best in each column of the band."""
    choices = bytearray()
    corner = left = totals[band.start]
    for column, alike in enumerate(weights, band.start + 1):
        above = totals[column]
        best, choice = above, _UP
        if left > above:
            best, choice = left, _LEFT
        if alike > 0 and corner + alike > best:
            best, choice = corner + alike, _PAIR
        totals[column] = left = best
        corner = above
        choices.append(choice)
    return choices


def _walked_back(bands: Sequence[range], table: Sequence[bytearray]) -> list[tuple[int, int]]:
    pairs = []
    row = len(bands) - 1
    column = bands[-1].stop - 1 if bands else -1
    while row >= 0 and column >= 0:
        column = min(column, bands[row].stop - 1)
        inside = column >= bands[row].start
        choice = table[row][column - bands[row].start] if inside else _UP
        if choice == _PAIR:
            pairs.append((row, column))
        row -= choice != _LEFT
        column -= choice != _UP
    return pairs[::-1]
