"""Waiting for an answer's turn, in threads and in event loops, without importing one."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from pytest_opswald.exchange import Failure, Response

from . import threads
from .handler import Handler, ToolOutcome

_NAP_SECONDS = 0.0005
_SETTLED_SECONDS = 0.005
"""What a thread gets to do something with its answer before another one gets its own."""
PATIENCE_SECONDS = 30.0
"""How long a call that was abandoned when recorded waits to be abandoned again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When an answer may be delivered."""

    handler: Handler
    answer: Response | Failure | ToolOutcome

    def wait(self) -> None:
        """Hold this thread until then."""
        has_waited = False
        with threads.asking():
            while not threads.takes(self._is_next, has_waited=has_waited):
                has_waited = True
                time.sleep(_NAP_SECONDS)

    def _is_next(self) -> bool:
        return self.handler.may_deliver(self.answer, settled_for=_SETTLED_SECONDS)

    async def awaited(self) -> None:
        """Hold this task; other tasks always run once, as they would during a real call."""
        await pause()
        while not self.handler.may_deliver(self.answer):
            await pause()


async def pause(seconds: float = 0) -> None:
    """Let other tasks run, on asyncio or trio."""
    if _in_trio():
        await sys.modules["trio"].sleep(seconds)
    else:
        import asyncio

        await asyncio.sleep(seconds)


def _in_trio() -> bool:
    # Trio tells sniffio which library runs; the module is there whenever trio is.
    sniffio = sys.modules.get("sniffio")
    if sniffio is None or "trio" not in sys.modules:
        return False
    try:
        return bool(sniffio.current_async_library() == "trio")
    except sniffio.AsyncLibraryNotFoundError:
        return False
