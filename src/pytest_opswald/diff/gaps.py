"""Pairing two short stretches in order so that the pairs are as alike as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MOST_CELLS = 250_000
"""A larger table is banded: what stands far from the diagonal is not paired."""
_UP, _LEFT, _PAIR = range(3)

Weight = Callable[[int, int], float]


def best_path(rows: int, columns: int, weight: Weight) -> list[tuple[int, int]]:
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
        table.append(_choices(row, band, totals, weight))
    return _walked_back(bands, table)


def _band(row: int, rows: int, columns: int) -> range:
    if rows * columns <= _MOST_CELLS:
        return range(columns)
    reach = max(_MOST_CELLS // (2 * rows), columns // rows + 1)
    centre = row * columns // rows
    return range(max(0, centre - reach), min(columns, centre + reach + 1))


def _choices(row: int, band: range, totals: list[float], weight: Weight) -> bytearray:
    """Bring the totals to this row; what was best in each column of the band."""
    choices = bytearray()
    corner = totals[band.start]
    for column in band:
        above, left = totals[column + 1], totals[column]
        best, choice = (above, _UP) if above >= left else (left, _LEFT)
        alike = weight(row, column)
        if alike > 0 and corner + alike > best:
            best, choice = corner + alike, _PAIR
        totals[column + 1], corner = best, above
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
