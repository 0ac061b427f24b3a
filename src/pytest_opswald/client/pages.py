"""Lists, fetched page by page as they are walked over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from pytest_opswald.api import base
from pytest_opswald.api.pages import Page
from pytest_opswald.errors import NoAnswer

from .calls import Call

Item = TypeVar("Item", bound=base.Answer)
MOST_PAGES = 100_000


class _Waits(Protocol):
    def answer(self, call: Call[Page[Item]], /) -> Page[Item]: ...


class _Awaits(Protocol):
    async def answer(self, call: Call[Page[Item]], /) -> Page[Item]: ...


class Pages(Generic[Item]):
    """A list: iterate over its items, or take one `page()`."""

    def __init__(self, sender: _Waits, call: Call[Page[Item]]) -> None:
        self._sender = sender
        self._call = call

    def page(self) -> Page[Item]:
        """The first page: its items are `data`, `total` counts those of all pages."""
        return self._sender.answer(self._call)

    def __iter__(self) -> Iterator[Item]:
        walk: _Walk[Item] = _Walk(self._call)
        while walk.call:
            yield from walk.take(self._sender.answer(walk.call))


class AsyncPages(Generic[Item]):
    """A list: iterate over its items with `async for`, or await one `page()`."""

    def __init__(self, sender: _Awaits, call: Call[Page[Item]]) -> None:
        self._sender = sender
        self._call = call

    async def page(self) -> Page[Item]:
        """The first page: its items are `data`, `total` counts those of all pages."""
        return await self._sender.answer(self._call)

    async def __aiter__(self) -> AsyncIterator[Item]:
        walk: _Walk[Item] = _Walk(self._call)
        while walk.call:
            for item in walk.take(await self._sender.answer(walk.call)):
                yield item


class _Walk(Generic[Item]):
    """From page to page, each once, whatever the server says."""

    def __init__(self, call: Call[Page[Item]]) -> None:
        self.call: Call[Page[Item]] | None = call
        """For the next page; None behind the last one."""
        self._seen: set[str] = set()

    def take(self, page: Page[Item]) -> tuple[Item, ...]:
        """Its items. Raises NoAnswer when the pages lead nowhere."""
        call, cursor = self.call, page.pagination.next_cursor
        assert call
        if not page.has_more or cursor is None:
            self.call = None
            return page.data
        if not page.data or cursor in self._seen or len(self._seen) >= MOST_PAGES:
            raise NoAnswer(f"the pages of {call.path} do not end: an empty or repeated one")
        self._seen.add(cursor)
        self.call = replace(call, query=_at(call.query, cursor))
        return page.data


def _at(query: Any, cursor: str) -> dict[str, str]:
    """The filters are in the cursor, and an offset counts from the beginning."""
    kept = {name: value for name, value in query.items() if name == "limit"}
    return {**kept, "cursor": cursor}
