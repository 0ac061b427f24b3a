"""INSERT that yields to a row that is there already; both databases say it alike.

Building a statement costs more than running it: those of the hot path are built once, by dialect.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func
from sqlalchemy.dialects import postgresql, sqlite


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def extremes(dialect: str) -> tuple[Any, Any]:
    """The functions for the least and the most of two values."""
    if dialect == "postgresql":
        return func.least, func.greatest
    return func.min, func.max
