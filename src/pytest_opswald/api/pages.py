"""Lists: each answers under its own noun and under `data`, by offset and by cursor."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from .base import Answer, Count, Query

Cursor = Annotated[str, Field(max_length=10_000)]
"""Longer than one can get: the filters in it are five names at most, of 255 characters each."""
Item = TypeVar("Item", bound=Answer)


class Paging(Query):
    """Which page; an offset and a cursor exclude each other."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0
    cursor: Cursor | None = None
    """`next_cursor` of the page before; brings its filters along."""


class Pagination(Answer):
    has_more: bool
    next_cursor: str | None = None
    """Brings its filters along; None on the last page."""


class Page(Answer, Generic[Item]):
    """One page; subclasses add the items a second time, under their noun."""

    data: tuple[Item, ...]
    total: Count
    """Of all pages."""
    has_more: bool
    pagination: Pagination
