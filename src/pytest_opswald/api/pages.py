"""Lists: each answers under its own noun and under `data`, by offset and by cursor."""

from __future__ import annotations

from typing import Generic, TypeVar

from .base import Answer, Count

Item = TypeVar("Item", bound=Answer)


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
