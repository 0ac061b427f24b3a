"""A proxy that passes nothing on: whoever is sent to it is told why, and reported.

C libraries and children of a replay raise no audit event here, but they heed the proxy variables
of their environment. Our own ends are sockets of the plain type, because other guards, such as
those of pytest-socket and pytest-recording, replace `socket.socket` or its methods.
"""

from __future__ import annotations

import os
import selectors
import sys
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from socket import AF_INET, SOCK_STREAM, SocketType
from threading import Lock
from urllib.parse import urlsplit

from .boundary import Place, refusal, spelled

PATIENCE_SECONDS = 1.0
"""How long a client may take to say where it wants to go."""

_HERE = "127.0.0.1"
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_ROUND_SECONDS = 0.1 if sys.platform == "win32" else None
"""There, a socket that joins while somebody waits goes unnoticed until the next round."""


@contextmanager
def refusing_proxy(report: Callable[[Place], None]) -> Iterator[int]:
    """The port it listens on until the end of the block; by then all who came are reported."""
    selector = _selector(os.getpid())
    with closing(_socket()) as server:
        server.bind((_HERE, 0))
        server.listen()
        server.setblocking(False)
        reception = _Reception(server, report)
        selector.register(server, selectors.EVENT_READ, reception)
        try:
            yield server.getsockname()[1]
        finally:
            selector.unregister(server)
            reception.serve()


def tell(port: int, place: Place) -> None:
    """Have a proxy of another process report a destination."""
    with closing(_socket()) as client, suppress(OSError):  # when the replay is over
        client.settimeout(PATIENCE_SECONDS)
        client.connect((_HERE, port))
        client.sendall(f"CONNECT {spelled(place)} HTTP/1.1\r\n\r\n".encode())
        client.recv(1)


def _socket() -> SocketType:
    return SocketType(AF_INET, SOCK_STREAM)


@lru_cache(maxsize=1)
def _selector(process: int) -> selectors.BaseSelector:
    """What the one thread of this process waits on; it serves replay after replay.

    `threading` does not know it: whoever counts threads there means those of the user.
    """
    selector = selectors.DefaultSelector()
    start_new_thread(_serve, (selector,))
    return selector


def _serve(selector: selectors.BaseSelector) -> None:
    while True:
        for key, _ in selector.select(_ROUND_SECONDS):
            key.data.serve()


class _Reception:
    """Receives whoever comes to one proxy; called by our thread, and at the end by its owner's."""

    def __init__(self, server: SocketType, report: Callable[[Place], None]) -> None:
        self._server = server
        self._report = report
        self._lock = Lock()

    def serve(self) -> None:
        """Everybody who has come by now; who has been let in by another thread is waited for."""
        with self._lock, suppress(OSError):  # nobody waits, or it is closed
            while True:
                handle, _ = self._server._accept()  # type: ignore[attr-defined]
                with closing(SocketType(fileno=handle)) as client, suppress(OSError):
                    self._refuse(client)

    def _refuse(self, client: SocketType) -> None:
        client.settimeout(PATIENCE_SECONDS)
        if place := _destination(_first_line(client)):
            self._report(place)
            client.sendall(_answer(refusal(place)))


def _first_line(client: SocketType) -> str:
    said = b""
    while b"\n" not in said and (more := client.recv(4096)):
        said += more
    return said.partition(b"\n")[0].decode("latin-1").strip()


def _destination(line: str) -> Place | None:
    """What `CONNECT host:port HTTP/1.1` or `GET http://host/ HTTP/1.1` asks for."""
    match line.split():
        case [_, *words, _]:
            target = " ".join(words)
            with suppress(ValueError):
                url = urlsplit(target if "://" in target else f"//{target}")
                return (url.hostname, url.port or _PORTS.get(url.scheme)) if url.hostname else None
    return None


def _answer(message: str) -> bytes:
    body = f"opswald: {message}\n".encode()
    head = (
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
