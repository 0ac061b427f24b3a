"""Recorded outcomes of tools, given back in the form they had."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from pytest_opswald.capture.codec import decode, decode_error
from pytest_opswald.capture.declared import relay
from pytest_opswald.capture.handler import Handler, ToolOutcome, ToolUse
from pytest_opswald.capture.turns import PATIENCE_SECONDS, Turn, pause
from pytest_opswald.errors import NoRecordedAnswer

_CANCELLED = ("CancelledError", "Cancelled")
"""What asyncio and trio raise in a task that is given up."""


class Served:
    """The recorded outcome of one call."""

    def __init__(self, handler: Handler, use: ToolUse, outcome: ToolOutcome) -> None:
        self._handler = handler
        self._use = use
        self._outcome = outcome
        self._turn = Turn(handler, outcome)

    def given(self) -> Any:
        """What a plain call gave back, be it a generator or an awaitable; raises what it raised."""
        match self._outcome.value:
            case {"$type": "generator", "async": True}:
                return relay(self.async_items)()
            case {"$type": "generator"}:
                return self.items()
            case {"$type": "awaitable"}:
                return self.awaited()
        self._turn.wait()
        return self._value()

    async def awaited(self) -> Any:
        """What a coroutine gave back."""
        await self._turn.awaited()
        await self._cancellation()
        match self._outcome.value:
            case {"$type": "generator"}:
                return self.given()
        return self._value()

    def items(self) -> Generator[Any, Any, Any]:
        self._turn.wait()
        for item in self._items():
            yield decode(item)
        return self._end()

    async def async_items(self) -> AsyncGenerator[Any, Any]:
        await self._turn.awaited()
        for item in self._items():
            yield decode(item)
        await self._cancellation()
        self._end()

    def _value(self) -> Any:
        if self._outcome.error is not None:
            raise decode_error(self._outcome.error)
        match self._outcome.value:
            case {"$type": "awaitable", "value": value}:
                return decode(value)
        return decode(self._outcome.value)

    def _items(self) -> list[Any]:
        match self._outcome.value:
            case {"$type": "generator", "items": list(items)}:
                return items
        if self._outcome.error is not None:
            return []
        raise self._refusal("it was no generator when it was recorded")

    def _end(self) -> Any:
        """After the last item: raise what was raised, else the generator's return value."""
        if self._outcome.error is not None:
            raise decode_error(self._outcome.error)
        if self._outcome.value.get("closed"):
            raise self._refusal("more items are read than when it was recorded")
        return decode(self._outcome.value.get("returned"))

    async def _cancellation(self) -> None:
        """A call that was cancelled when recorded waits for that, as the real one did."""
        error = self._outcome.error
        if error is not None and type(decode_error(error)).__name__ in _CANCELLED:
            await pause(PATIENCE_SECONDS)

    def _refusal(self, why: str) -> NoRecordedAnswer:
        message = f"No recorded answer for tool {self._use.name}: {why}. Record it again."
        self._handler.warn(message)
        return NoRecordedAnswer(message)
