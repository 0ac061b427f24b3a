"""Generators, watched step by step: in their steps the tool runs, between them it does not."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any

from .call import Call


class _Story:
    """What a generator has yielded so far, told once it ends."""

    def __init__(self, call: Call, **form: Any) -> None:
        self.call = call
        self._form = {"$type": "generator", **form}
        self._items: list[Any] = []
        self._over = False

    def add(self, item: Any) -> Any:
        # Encoded at once: who reads it may change it.
        self._items.append(self.call.encoded(item))
        return item

    def end(self, error: BaseException | None = None, **how: Any) -> None:
        if not self._over:
            self._over = True
            self.call.tell({**self._form, "items": self._items, **how}, error)


class RecordedItems(Generator[Any, Any, Any]):
    """A generator that is being recorded."""

    def __init__(self, call: Call, source: Generator[Any, Any, Any]) -> None:
        self._source = source
        self._story = _Story(call)

    def send(self, value: Any, /) -> Any:
        return self._step(lambda: self._source.send(value))

    def throw(self, *error: Any) -> Any:
        return self._step(lambda: self._source.throw(*error))

    def close(self) -> None:
        try:
            with self._story.call.inside():
                self._source.close()
        except BaseException as error:
            self._story.end(error)
            raise
        self._story.end(closed=True)

    def _step(self, step: Callable[[], Any]) -> Any:
        try:
            with self._story.call.inside():
                item = step()
        except StopIteration as end:
            returned = self._story.call.encoded(end.value)
            self._story.end(**({} if returned is None else {"returned": returned}))
            raise
        except BaseException as error:
            self._story.end(error)
            raise
        return self._story.add(item)


class RecordedAsyncItems(AsyncGenerator[Any, Any]):
    """An async generator that is being recorded."""

    def __init__(self, call: Call, source: AsyncGenerator[Any, Any]) -> None:
        self._source = source
        self._story = _Story(call, **{"async": True})

    async def asend(self, value: Any, /) -> Any:
        return await self._step(lambda: self._source.asend(value))

    async def athrow(self, *error: Any) -> Any:
        return await self._step(lambda: self._source.athrow(*error))

    async def aclose(self) -> None:
        try:
            with self._story.call.inside():
                await self._source.aclose()
        except BaseException as error:
            self._story.end(error)
            raise
        self._story.end(closed=True)

    async def _step(self, step: Callable[[], Awaitable[Any]]) -> Any:
        try:
            with self._story.call.inside():
                item = await step()
        except StopAsyncIteration:
            self._story.end()
            raise
        except BaseException as error:
            self._story.end(error)
            raise
        return self._story.add(item)
