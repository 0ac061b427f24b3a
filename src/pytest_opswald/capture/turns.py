"""Waiting for an answer's turn, in threads and in event loops, without importing one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from pytest_opswald.exchange import Failure, Response

from .handler import GRACE_SECONDS, Handler, ToolOutcome

_NAP_SECONDS = 0.0005
PATIENCE_SECONDS = 30.0
"""How long a call that was abandoned when recorded waits to be abandoned again."""


def wait_turn(handler: Handler, answer: Response | Failure | ToolOutcome) -> None:
    """Hold this thread until the answer may be delivered, or its grace is over."""
    for _ in _too_early(handler, answer):
        time.sleep(_NAP_SECONDS)


async def await_turn(handler: Handler, answer: Response | Failure | ToolOutcome) -> None:
    """Hold this task; other tasks always run once, as they would during a real call."""
    await pause()
    for _ in _too_early(handler, answer):
        await pause()


def _too_early(handler: Handler, answer: Response | Failure | ToolOutcome) -> Iterator[None]:
    deadline = time.monotonic() + GRACE_SECONDS
    while not handler.may_deliver(answer) and time.monotonic() < deadline:
        yield


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
