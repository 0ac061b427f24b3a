"""Both clients, and a clock that only moves when somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_opswald import AsyncOpsClient, OpsClient
from pytest_opswald.client.clock import Clock

START = datetime(2026, 3, 17, 14, 0, tzinfo=UTC)


class StoppedClock(Clock):
    """Waiting takes no time, and is written down; each look at the clock may take some."""

    def __init__(self, seconds_a_look: float = 0.0) -> None:
        self.waits: list[float] = []
        self._passed = 0.0
        self._seconds_a_look = seconds_a_look

    def now(self) -> float:
        self._passed += self._seconds_a_look
        return self._passed

    def today(self) -> datetime:
        return START + timedelta(seconds=self._passed)

    def chance(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._passed += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPSWALD_API_KEY", raising=False)
    monkeypatch.delenv("OPSWALD_BASE_URL", raising=False)


Ask = Callable[..., Any]


def _ask(server: Any, what: Callable[[Any], Any], **options: Any) -> Any:
    with OpsClient(base_url=server.url, **options) as client:
        asked = what(client)
        return list(asked) if hasattr(asked, "__iter__") and hasattr(asked, "page") else asked


def _ask_async(server: Any, what: Callable[[Any], Any], **options: Any) -> Any:
    async def told() -> Any:
        async with AsyncOpsClient(base_url=server.url, **options) as client:
            asked = what(client)
            if hasattr(asked, "__aiter__"):
                return [item async for item in asked]
            return await asked

    return asyncio.run(told())


WAYS = {"sync": _ask, "async": _ask_async}


@pytest.fixture(params=WAYS)
def ask(request: pytest.FixtureRequest) -> Ask:
    """`ask(server, lambda client: client.traces.get("trace_1"))`, through either client."""
    return WAYS[request.param]
