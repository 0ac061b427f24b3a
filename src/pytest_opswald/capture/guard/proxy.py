"""A proxy that passes nothing on: whoever is sent to it is told why, and reported.

C libraries and children of a replay raise no audit event here, but they heed the proxy variables
of their environment. Our own ends are sockets of the plain type, because other guards, such as
those of pytest-socket and pytest-recording, replace `socket.socket` or its methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from socket import AF_INET, SOCK_STREAM, SocketType
from threading import Thread
from urllib.parse import urlsplit

from .boundary import Place, refusal, spelled

PATIENCE_SECONDS = 1.0
"""How long a client may take to say where it wants to go."""

_HERE = "127.0.0.1"
_PORTS = {"http": 80, "https": 443, "ftp": 21}


@contextmanager
def refusing_proxy(report: Callable[[Place], None]) -> Iterator[int]:
    """The port it listens on until the end of the block; by then all who came are reported."""
    with closing(_socket()) as server, closing(_socket()) as last:
        server.bind((_HERE, 0))
        server.listen()
        last.bind((_HERE, 0))
        whom = (server, last.getsockname(), report)
        thread = Thread(target=_serve, args=whom, name="opswald-proxy", daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            last.connect(server.getsockname())  # in line behind everybody who came before
            thread.join()


def tell(port: int, place: Place) -> None:
    """Have a proxy of another process report a destination."""
    with closing(_socket()) as client, suppress(OSError):  # when the replay is over
        client.settimeout(PATIENCE_SECONDS)
        client.connect((_HERE, port))
        client.sendall(f"CONNECT {spelled(place)} HTTP/1.1\r\n\r\n".encode())
        client.recv(1)


def _socket() -> SocketType:
    return SocketType(AF_INET, SOCK_STREAM)


def _serve(server: SocketType, last: tuple[str, int], report: Callable[[Place], None]) -> None:
    while True:
        handle, address = server._accept()  # type: ignore[attr-defined]
        with closing(SocketType(fileno=handle)) as client, suppress(OSError):
            if address == last:
                return
            client.settimeout(PATIENCE_SECONDS)
            if place := _destination(_first_line(client)):
                report(place)
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
