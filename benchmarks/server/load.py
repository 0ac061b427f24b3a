"""Clients that keep their connections and send one request after the other, as fast as answered.

Written on bare sockets: a client that needs as long as the server would measure itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any, cast

CONNECTIONS = 32
Address = tuple[str, int]
_LENGTH = re.compile(rb"content-length: (\d+)")


def post(path: str, body: bytes) -> bytes:
    """A request as it is sent."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """A request as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def seconds(
    address: Address, requests: Sequence[bytes], *, connections: int = CONNECTIONS
) -> float:
    """Until all of them were answered, with a status of success."""
    return asyncio.run(_seconds(address, iter(requests), min(connections, len(requests))))


async def _seconds(address: Address, requests: Iterator[bytes], connections: int) -> float:
    loop = asyncio.get_running_loop()
    clients = [
        cast(_Client, (await loop.create_connection(lambda: _Client(requests), *address))[1])
        for _ in range(connections)
    ]
    start = perf_counter()
    for client in clients:
        client.go_on()
    await asyncio.gather(*(client.done for client in clients))
    return perf_counter() - start


class _Client(asyncio.Protocol):
    """Takes the next request whenever it was answered."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._received = bytearray()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._is_whole():
            self._received.clear()
            self.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server hung up"))

    def go_on(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        else:
            self.done.set_result(None)
            self._transport.close()

    def _is_whole(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._received[:end].lower()
        if not head.startswith(b"http/1.1 2"):
            raise AssertionError(bytes(self._received))
        if length := _LENGTH.search(head):
            return len(self._received) >= end + 4 + int(length[1])
        return self._received.endswith(b"\r\n0\r\n\r\n")
