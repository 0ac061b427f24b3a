"""What a scripted model can do: the words a reply is made of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .ask import Ask

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Say:
    """Text of the answer; several in one reply are one text."""

    text: str


@dataclass(frozen=True)
class Think:
    """Visible reasoning before the answer."""

    text: str


@dataclass(frozen=True)
class Refuse:
    """A refusal in place of an answer."""

    text: str


@dataclass(frozen=True, init=False)
class Call:
    """Ask for a tool: `Call("lookup_order", order_id=42)`; several in one reply are parallel."""

    tool: str
    arguments: dict[str, Any]

    def __init__(self, tool: str, /, **arguments: Any) -> None:
        object.__setattr__(self, "tool", tool)
        object.__setattr__(self, "arguments", arguments)


@dataclass(frozen=True)
class Wait:
    """Hold back the rest of the reply: for seconds, or until a test sets the event."""

    until: float | threading.Event

    def __call__(self) -> None:
        if isinstance(self.until, float | int):
            time.sleep(self.until)
        elif not self.until.wait(PATIENCE_SECONDS):
            raise TimeoutError("nobody set the event")


@dataclass(frozen=True)
class Drop:
    """Cut the connection here."""


@dataclass(frozen=True)
class Fail:
    """An error response instead of a reply."""

    status: int = 500
    message: str = "the provider is unwell"
    retry_after: float | None = None
    """Seconds, sent as a `Retry-After` header."""


Item = Say | Think | Refuse | Call | Wait | Drop | Fail
Reply = Item | Sequence[Item]
Script = Callable[[Ask], Reply] | Sequence[Reply]
"""A model: what it replies to each request, or its replies in order of arrival."""
