"""A listener that counts who comes, on an address of this machine that is not loopback."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EVERYWHERE = "0.0.0.0"
LOOPBACK = "127.0.0.1"
WARM = b"GET /warm"
"""Begins requests that do not count."""


def address_outside() -> str:
    """This machine's own address in its network: traffic to it stays here, yet is no loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # sends nothing, but chooses an interface
        except OSError as problem:
            pytest.fail(f"this machine has no address but loopback ({problem}): give it one")
        return str(probe.getsockname()[0])


class Listener:
    """Ports by name; `hits` counts messages, and connections that never said a word."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.ports: dict[str, int] = {}
        self._servers: list[asyncio.Server] = []
        self._datagrams: list[asyncio.DatagramTransport] = []

    async def listen(self, name: str, host: str) -> None:
        """One port for TCP and UDP; another one when somebody else has it for UDP."""
        server = await asyncio.start_server(lambda *ends: self._talk(name, *ends), host, 0)
        port = server.sockets[0].getsockname()[1]
        try:
            datagrams, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: Datagrams(self.hits, name), local_addr=(host, port)
            )
        except OSError:
            server.close()
            await self.listen(name, host)
        else:
            self.ports[name] = port
            self._servers.append(server)
            self._datagrams.append(datagrams)

    async def close(self) -> None:
        """Let nobody in any more, and break off what is still being said."""
        for end in (*self._servers, *self._datagrams):
            end.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        silent = True
        try:
            while said := await reader.read(65536):
                silent = False
                self.hits[name] += not said.startswith(WARM)
                writer.write(REPLY)
        except OSError:
            pass  # hung up in the middle
        finally:
            self.hits[name] += silent
            writer.close()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, hits: Counter[str], name: str) -> None:
        self._hits = hits
        self._name = name

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._hits[self._name] += 1


@contextmanager
def listening(places: Iterable[tuple[str, str]]) -> Iterator[Listener]:
    """A port for each name, open on its address until the end of the block."""
    listener, loop = Listener(), asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        for name, host in places:
            asyncio.run_coroutine_threadsafe(listener.listen(name, host), loop).result()
        yield listener
    finally:
        asyncio.run_coroutine_threadsafe(listener.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
