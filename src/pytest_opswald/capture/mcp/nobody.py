"""The streams of a connection that nobody is at the other end of."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self


@asynccontextmanager
async def nobody() -> AsyncIterator[tuple[Any, Any]]:
    """A stream that no answer comes from, and one that notices vanish in.

    A request that reaches it is one that we did not see: it fails as if the server had hung up.
    """
    line, answers = sys.modules["anyio"].create_memory_object_stream(0)
    with line, answers:
        yield answers, _Void(line)


class _Void:
    """What a session writes to."""

    def __init__(self, line: Any) -> None:
        self._line = line

    async def send(self, item: Any) -> None:
        message = getattr(item.message, "root", item.message)  # the first major wraps it
        if hasattr(message, "method") and hasattr(message, "id"):
            self._line.close()

    def close(self) -> None:
        """There is nothing to close."""

    async def aclose(self) -> None:
        """The same."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass
