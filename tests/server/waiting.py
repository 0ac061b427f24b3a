"""Waiting for what a server does behind its answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import pytest

from pytest_opswald.server.database import units

Document = dict[str, Any]
Seen = TypeVar("Seen")
PATIENCE_SECONDS = 60


def until(api: httpx.Client, path: str, holds: Callable[[Document], bool]) -> Document:
    """What is at a path once it is as it should be."""

    def look() -> Document:
        said: Document = api.get(path).raise_for_status().json()
        return said

    return eventually(look, holds)


def eventually(look: Callable[[], Seen], holds: Callable[[Seen], object]) -> Seen:
    """What there is to see once it is as it should be."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        seen = look()
        if holds(seen):
            return seen
        assert time.monotonic() < give_up, seen
        time.sleep(0.01)


def over(api: httpx.Client, path: str) -> Document:
    """A replay or a run that has ended."""
    return until(api, path, lambda said: said["completed_at"] is not None)


def later(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    """Do not wait: put the clocks of servers in this process forward, as far again each time."""
    now = units.now
    monkeypatch.setattr(units, "now", lambda: now() + round(seconds * 10**6))
