"""A server on a real socket that answers by a script: one move for each request.

with FaultServer(resets, says(200, TRACE)) as server:
    OpsClient(base_url=server.url).traces.get("trace_1")
assert len(server.requests) == 2
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Line:
    """One connection: who asked what, and the socket to answer over."""

    socket: socket.socket
    asked: Asked
    closing: threading.Event = field(repr=False, default_factory=threading.Event)


Move = Callable[[Line], None]


def says(status: int, body: Any = b"", **headers: str) -> Move:
    """A whole response; a body that is no bytes is sent as JSON."""
    kind = "application/json"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return speaks(status, content, **({"content_type": kind} | headers))


def speaks(status: int, content: bytes, **headers: str) -> Move:
    told = {"content_length": str(len(content)), "connection": "close"} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return lambda line: line.socket.sendall(
        f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content
    )


def problem(status: int, kind: str, message: str = "no", **headers: str) -> Move:
    return says(status, {"error": {"type": kind, "message": message}}, **headers)


def resets(line: Line) -> None:
    """The request is read, and nothing comes back."""
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def breaks_off(line: Line) -> None:
    """Half of a body."""
    speaks(200, b'{"id": "tra', content_length="900")(line)


def breaks_off_in_the_headers(line: Line) -> None:
    line.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")


def never_answers(line: Line) -> None:
    line.closing.wait()


def drips(line: Line) -> None:
    """A body of single bytes, without an end."""
    speaks(200, b"", content_length="1000000000")(line)
    try:
        while True:
            line.socket.sendall(b" ")
    except OSError:  # whom it was for has gone
        pass


def bombs(line: Line) -> None:
    """A small body that becomes too large when it is unpacked."""
    packed = gzip.compress(b" " * (65 * 2**20), compresslevel=1)
    speaks(200, packed, content_encoding="gzip")(line)


class FaultServer:
    """Plays its moves, the last one again and again."""

    def __init__(self, *moves: Move) -> None:
        self._moves = list(moves)
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.requests: list[Asked] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, work: Callable[..., None], *given: Any) -> None:
        self._threads.append(threading.Thread(target=work, args=given))
        self._threads[-1].start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:  # shut down
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            asked = _read(connection)
            if asked is None:
                return
            self.requests.append(asked)
            move = self._moves.pop(0) if len(self._moves) > 1 else self._moves[0]
            move(Line(connection, asked, self._closing))


def _read(connection: socket.socket) -> Asked | None:
    with connection.makefile("rb") as stream:
        first = stream.readline().decode().split()
        if not first:
            return None
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        return Asked(first[0], first[1], headers, body)
