"""Connections that go nowhere else than the addresses that were looked at.

The name is resolved once, every address it has is held against the rule, and the connection goes
to one of these: a name that leads elsewhere a moment later (DNS rebinding) changes nothing. TLS is
spoken with the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpcore

from .addresses import Address, Rule, parsed

Resolve = Callable[[str, int], Sequence[str]]


class Forbidden(httpcore.ConnectError):
    """The name leads to an address that webhooks may not reach."""


def resolved(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system knows it. Raises ConnectError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise httpcore.ConnectError(f"{host} has no address: {problem}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def literal(host: str) -> Address | None:
    """The address that a host is in itself, in whatever notation the system reads: `0x7f.1`."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return parsed(str(found[0][4][0]))


class VettedBackend(httpcore.NetworkBackend):
    """Connects for one request, which must be over at a deadline."""

    def __init__(self, rule: Rule, *, seconds: float, resolve: Resolve = resolved) -> None:
        self._rule = rule
        self._resolve = resolve
        self._until = time.monotonic() + seconds
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._vetted(host, port):
            left = _left(self._until)
            try:
                return _Timed(self._plain.connect_tcp(address, port, timeout=left), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                problem = failed
        raise problem

    def _vetted(self, host: str, port: int) -> Sequence[str]:
        addresses = _in_time(_left(self._until), self._resolve, host, port)
        for address in addresses:
            if not self._rule(parsed(address)):
                raise Forbidden(f"{host} leads to {address}, which webhooks may not reach")
        return addresses


def _in_time(seconds: float, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """Raises TimeoutError. The system's resolver knows no deadline: it is left to itself then."""
    found: Future[Sequence[str]] = Future()

    def look_up() -> None:
        try:
            found.set_result(resolve(host, port))
        except Exception as problem:  # for whoever waits
            found.set_exception(problem)

    Thread(target=look_up, name="webhook's name", daemon=True).start()
    return found.result(seconds)


class _Timed(httpcore.NetworkStream):
    """A stream on which everything together must be over at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._until))
        return _Timed(stream, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("too slow")
    return left
