"""Work that one thread hands to another: when it was handed over.

When a thread of a pool gets to begin is up to chance; the order in which an agent hands its work
over is its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

__tracebackhide__ = True  # what work raises is told where the work raised it


@dataclass(frozen=True, slots=True)
class Handed:
    """That work was handed over."""

    by: int
    """The thread that did it."""
    at_ns: int
    """By the monotonic clock."""


_here = threading.local()
_started: WeakKeyDictionary[threading.Thread, Handed] = WeakKeyDictionary()
"""Threads that have done nothing yet."""


def take() -> Handed | None:
    """How this thread came by its work, told once: only the first thing it does began then."""
    started = _started.pop(threading.current_thread(), None) if _started else None
    submitted, _here.work = getattr(_here, "work", None), None
    return submitted or started


@contextmanager
def seen() -> Iterator[None]:
    """Note when work is submitted to pools of threads, and when threads are started."""
    submit, start = ThreadPoolExecutor.submit, threading.Thread.start

    def submit_noted(
        pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        return submit(pool, _noted(work, _now()), *args, **kwargs)

    def start_noted(thread: threading.Thread) -> None:
        _started[thread] = _now()
        start(thread)

    with (
        _replaced(ThreadPoolExecutor, "submit", submit_noted),
        _replaced(threading.Thread, "start", start_noted),
    ):
        yield
    _started.clear()


@contextmanager
def _replaced(owner: Any, name: str, function: Callable[..., Any]) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        if getattr(owner, name) is function:  # else somebody has wrapped it, and keeps it
            setattr(owner, name, original)


def _noted(work: Callable[..., Any], handed: Handed) -> Callable[..., Any]:
    def done(*args: Any, **kwargs: Any) -> Any:
        _here.work = handed
        try:
            return work(*args, **kwargs)
        finally:
            _here.work = None

    return done


def _now() -> Handed:
    return Handed(threading.get_ident(), time.monotonic_ns())
