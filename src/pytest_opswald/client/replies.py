"""What comes back from a server, before anybody has made sense of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MOST_BYTES = 64 * 2**20
"""Of one body, unpacked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP response."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """No whole response."""

    kind: Literal["unsent", "broken", "unbearable"]
    """unsent: the server cannot have seen the request; broken: it may have done what it was asked;
    unbearable: what it says is not worth asking for again."""
    message: str


class Unbearable(Exception):
    """More than fits, or nothing that can be unpacked."""


class Unpacking:
    """The bytes of a body, unpacked as they come and never more than MOST_BYTES."""

    def __init__(self, encoding: str) -> None:
        if encoding not in {"", "identity", "gzip"}:
            raise Unbearable(f"the answer is packed as {encoding!r}, which was not asked for")
        self._unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        self._parts: list[bytes] = []
        self._left = MOST_BYTES

    def take(self, chunk: bytes) -> None:
        """Raises Unbearable."""
        part = chunk if self._unpack is None else self._unpacked(chunk)
        self._left -= len(part)
        if self._left < 0:
            raise Unbearable(f"the answer is larger than {MOST_BYTES // 2**20} MiB")
        self._parts.append(part)

    def _unpacked(self, chunk: bytes) -> bytes:
        assert self._unpack
        try:
            return self._unpack.decompress(chunk, self._left + 1)
        except zlib.error as error:
            raise Unbearable(f"the answer cannot be unpacked: {error}") from None

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)
