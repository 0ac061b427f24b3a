"""Response bodies that httpx and httpx2 read from: one teed, one served from a golden.

Plain classes: `httpx_family` mixes in the stream classes of the library at hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from pytest_opswald.capture.calls import LiveCall
from pytest_opswald.capture.turns import Turn, pause


class TeedBody:
    """Hands every chunk on as it comes, and to the call that is watched."""

    def __init__(self, inner: Any, call: LiveCall) -> None:
        self._inner = inner
        self._call = call

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._inner:
                self._call.add(chunk)
                yield chunk
        except BaseException as error:
            self._call.broke(error)
            raise
        self._call.ended("complete")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = self._inner.__aiter__()
        try:
            async for chunk in chunks:
                self._call.add(chunk)
                yield chunk
        except BaseException as error:
            self._call.broke(error)
            raise
        finally:
            if hasattr(chunks, "aclose"):  # else it lives on until the loop collects it
                await chunks.aclose()
        self._call.ended("complete")

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._call.ended("aborted")

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._call.ended("aborted")


class ServedBody:
    """Chunks from memory, one by one, as a socket would deliver them."""

    def __init__(
        self, chunks: tuple[bytes, ...], cut: Callable[[], None], turn: Turn | None = None
    ) -> None:
        self._most, self._last = chunks[:-1], chunks[-1:]
        self._cut = cut
        """Raises when the recorded body broke here."""
        self._turn = turn
        """When the body may end."""

    def __iter__(self) -> Iterator[bytes]:
        yield from self._most
        if self._turn:
            self._turn.wait()
        yield from self._last
        self._cut()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._most:
            await pause()
            yield chunk
        if self._turn:
            await self._turn.awaited()
        for chunk in self._last:
            await pause()
            yield chunk
        self._cut()
