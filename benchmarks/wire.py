"""A provider without a wire: the transport that has every answer ready. It is the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx2

from .conversations import Conversation


class Ready(httpx2.BaseTransport):
    """Gives out the answers of a conversation, in order."""

    def __init__(self, conversation: Conversation) -> None:
        self._answers = iter(conversation.answers)
        self._headers = {"content-type": conversation.content_type}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=self._headers, stream=_Pieces(next(self._answers)))


class AsyncReady(httpx2.AsyncBaseTransport):
    """The same for an event loop; of calls in flight together, the last answers first."""

    def __init__(self, conversation: Conversation, *, together: int = 1) -> None:
        self._answers = iter(conversation.answers)
        self._headers = {"content-type": conversation.content_type}
        self._together = together
        self._asked = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = next(self._answers)
        turns = self._together - self._asked % self._together
        self._asked += 1
        for _ in range(turns if self._together > 1 else 0):
            await asyncio.sleep(0)
        return httpx2.Response(200, headers=self._headers, stream=_AsyncPieces(answer))


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces


class _AsyncPieces(httpx2.AsyncByteStream):
    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
