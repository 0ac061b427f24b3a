"""HTTP as plain frozen data: what capture sees and the engine decides on, without any client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]
Ended = Literal["complete", "aborted", "error"]
"""How a body ended: read to its end, dropped by the reader, or broken on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request as it leaves the client; compared by identity, so it also names its call."""

    method: str
    url: str
    headers: Headers
    body: bytes
    parent: object | None = None
    """The tool use it was made in, when there is one."""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """One response, whole; `chunks` are delivered one by one when it is served."""

    status: int
    headers: Headers
    chunks: tuple[bytes, ...]
    """Body pieces, content-encoding already removed."""
    ended: Ended = "complete"
    arrived_ns: int = 0
    """Monotonic clock when status and headers came in; 0 when it was never on a wire."""
    ended_ns: int = 0
    """Monotonic clock when the body ended."""
    failure: Failure | None = None
    """What the transport raised within the body, when `ended` is error."""

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    def header(self, name: str) -> str | None:
        return header(self.headers, name)


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """The transport raised instead of answering."""

    kind: str
    """Class name in the client's own tree: `ConnectError`, `ReadTimeout`, ..."""
    message: str
    arrived_ns: int = 0
    ended_ns: int = 0


def header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """First value of a header, by case-insensitive name."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nothing else: keys may go there in plain.

    Neither `x.localhost`, which a resolver may send elsewhere, nor `0.0.0.0`, behind which a server
    listens to all.
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
