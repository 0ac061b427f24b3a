"""Lists: one page, newest first, and how many there are in all, of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, or_

from pytest_opswald.api.pages import Page, Pagination

from .cursors import Window

_AT, _IDENTIFIER = "listed_at", "listed_as"
Paged = TypeVar("Paged", bound=Page[Any])


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page."""

    rows: Sequence[Any]
    total: int
    next_cursor: str | None

    def page(self, document: type[Paged], noun: str, items: Sequence[Any]) -> Paged:
        """As the API answers it: under its noun and under `data`."""
        more = self.next_cursor is not None
        pagination = Pagination(has_more=more, next_cursor=self.next_cursor)
        return document.model_validate(
            {noun: items, "data": items, "total": self.total, "has_more": more}
            | {"pagination": pagination}
        )


def sliced(
    connection: Connection,
    found: Select[Any],
    window: Window[Any],
    *,
    at: ColumnElement[int],
    identifier: ColumnElement[str],
    total: int | None = None,
) -> Slice:
    """The window's part of what is found, by `at` and `identifier` descending.

    Where it is not known how many there are in all, they are counted.
    """
    listed = found.add_columns(at.label(_AT), identifier.label(_IDENTIFIER))
    listed = listed.order_by(at.desc(), identifier.desc()).limit(window.limit + 1)
    if window.after:
        then, last = window.after
        # The first says to an index where to begin.
        listed = listed.where(at <= then, or_(at < then, identifier < last))
    rows = connection.execute(listed.offset(window.offset)).all()
    here = rows[: window.limit]
    cursor = window.cursor(_key(here[-1])) if len(rows) > len(here) else None
    return Slice(here, counted(connection, found) if total is None else total, cursor)


def counted(connection: Connection, found: Select[Any]) -> int:
    """How many rows there are."""
    asked = found.with_only_columns(func.count(), maintain_column_froms=True)
    return int(connection.execute(asked).scalar_one())


def _key(row: Any) -> tuple[int, str]:
    return row._mapping[_AT], row._mapping[_IDENTIFIER]
