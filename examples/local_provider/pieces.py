"""A stream in the pieces in which it is written."""

from __future__ import annotations

import zlib
from collections.abc import Iterator


class Pieces:
    """Cuts at every `size` bytes, wherever that is; without a size, as the data comes.

    With `compress` the data is gzipped first, flushed so that each event can be read at once.
    """

    def __init__(self, size: int | None, *, compress: bool) -> None:
        self._size = size
        self._gzip = zlib.compressobj(wbits=31) if compress else None
        self._left = b""

    def add(self, data: bytes) -> Iterator[bytes]:
        """The pieces that are full."""
        if self._gzip:
            data = self._gzip.compress(data) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
        self._left += data
        size = self._size or len(self._left)
        while len(self._left) >= size > 0:
            yield self._left[:size]
            self._left = self._left[size:]

    def rest(self) -> list[bytes]:
        """What is not full, but must go out now."""
        left, self._left = self._left, b""
        return [left] if left else []

    def end(self) -> list[bytes]:
        """The last piece."""
        if self._gzip:
            self._left += self._gzip.flush()
        return self.rest()
