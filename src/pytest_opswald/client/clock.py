"""Time and chance, which tests make their own."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime


class Clock:
    """As they are on this machine."""

    def now(self) -> float:
        """Seconds of a clock that is never set back."""
        return time.monotonic()

    def today(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def chance(self) -> float:
        """0 up to 1."""
        return random.random()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        import anyio  # as httpx: under asyncio and trio

        await anyio.sleep(seconds)
