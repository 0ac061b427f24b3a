"""Pairing without order: the assignment of greatest total weight, never a greedy one."""

from __future__ import annotations

from collections.abc import Sequence

Weights = Sequence[Sequence[float]]
"""A row per item of the one side, a column per item of the other; 0 where they do not fit."""


def assignment(weights: Weights) -> list[tuple[int, int]]:
    """Pairs of row and column, by row, whose weights have the greatest sum.

    The Hungarian method with potentials, cubic in the number of items.
    """
    if not weights or not weights[0]:
        return []
    rows, columns = len(weights), len(weights[0])
    if rows > columns:
        turned = [[row[column] for row in weights] for column in range(columns)]
        return sorted((row, column) for column, row in assignment(turned))
    owner = _owners(weights, rows, columns)
    pairs = ((owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column])
    return sorted((row, column) for row, column in pairs if weights[row][column] > 0)


def _owners(weights: Weights, rows: int, columns: int) -> list[int]:
    """The row, from 1, that holds each column, from 1; 0 for none."""
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        came_from = _cheapest_path(weights, row_price, column_price, owner)
        column = came_from.pop()
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    return owner


def _cheapest_path(
    weights: Weights, row_price: list[float], column_price: list[float], owner: list[int]
) -> list[int]:
    """Grow a tree from column 0 to a free column; where each came from, and that column last."""
    columns = len(owner) - 1
    slack, came_from = [float("inf")] * (columns + 1), [0] * (columns + 1)
    seen = [False] * (columns + 1)
    here = 0
    while owner[here]:
        seen[here] = True
        row = owner[here]
        for column in range(1, columns + 1):
            cost = -weights[row - 1][column - 1] - row_price[row] - column_price[column]
            if not seen[column] and cost < slack[column]:
                slack[column], came_from[column] = cost, here
        here = _relaxed(row_price, column_price, slack, seen, owner)
    return [*came_from, here]


def _relaxed(
    row_price: list[float],
    column_price: list[float],
    slack: list[float],
    seen: list[bool],
    owner: list[int],
) -> int:
    """Lower the prices until another column is within reach, and name it."""
    unseen = [column for column in range(1, len(slack)) if not seen[column]]
    nearest = min(unseen, key=slack.__getitem__)
    step = slack[nearest]
    for column, visited in enumerate(seen):
        if visited:
            row_price[owner[column]] += step
            column_price[column] -= step
    for column in unseen:
        slack[column] -= step
    return nearest
