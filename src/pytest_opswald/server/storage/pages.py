"""Lists: one page, newest first, and how many there are in all, of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_

from pytest_opswald.api.pages import Page, Pagination

from .cursors import Window

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
) -> Slice:
    """The window's part of what is found, by `at` and `identifier` descending."""
    counted = found.with_only_columns(func.count(), maintain_column_froms=True)
    total = connection.execute(counted).scalar_one()
    listed = found.order_by(at.desc(), identifier.desc()).limit(window.limit + 1)
    if window.after:
        then, last = window.after
        listed = listed.where(or_(at < then, and_(at == then, identifier < last)))
    rows = connection.execute(listed.offset(window.offset)).all()
    here = rows[: window.limit]
    cursor = window.cursor(_key(here[-1], at, identifier)) if len(rows) > len(here) else None
    return Slice(here, total, cursor)


def _key(row: Any, at: ColumnElement[int], identifier: ColumnElement[str]) -> tuple[int, str]:
    return row._mapping[at], row._mapping[identifier]
