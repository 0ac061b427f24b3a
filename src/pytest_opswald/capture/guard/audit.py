"""The guard in force, and the audit hook that asks it.

An audit hook cannot be removed: it is added by the first replay and idle between replays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pytest_opswald.errors import RefusedConnection

from .boundary import EVENTS, Boundary, Place, refusal


class Guard:
    """Refuses what lies outside, and reports it."""

    def __init__(self, boundary: Boundary, report: Callable[[Place], None]) -> None:
        self._boundary = boundary
        self._report = report

    def check(self, event: str, args: tuple[Any, ...]) -> None:
        """Raises RefusedConnection when the audit event leads outside."""
        if place := self._boundary.crossing(event, args):
            self._refuse(place)

    def check_place(self, host: str, port: int | None = None) -> None:
        """Raises RefusedConnection when the place lies outside."""
        if self._boundary.is_outside(host, port):
            self._refuse((host, port))

    def _refuse(self, place: Place) -> None:
        self._report(place)
        raise RefusedConnection(refusal(place))


_guard: Guard | None = None
"""Process-wide on purpose: no thread of a replay is exempt."""


def guard_in_force() -> Guard | None:
    return _guard


@contextmanager
def in_force(guard: Guard) -> Iterator[None]:
    global _guard
    _add_hook()
    previous, _guard = _guard, guard
    try:
        yield
    finally:
        _guard = previous


@cache
def _add_hook() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _guard is not None and event in EVENTS:
        _guard.check(event, args)
