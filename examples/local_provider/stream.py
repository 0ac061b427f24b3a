"""What the wire formats share: events, pieces of text, and the whole answer made from its stream."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from .script import Drop, Wait


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    data: Any
    name: str | None = None

    def encode(self) -> bytes:
        head = f"event: {self.name}\n" if self.name else ""
        data = (
            self.data if isinstance(self.data, str) else json.dumps(self.data, ensure_ascii=False)
        )
        return f"{head}data: {data}\n\n".encode()


Stream = Generator[Event | Wait | Drop, None, dict[str, Any]]
"""Events as they are sent; returns the whole answer, as the same request without `stream` gets it."""


def whole(stream: Stream) -> Generator[Wait | Drop, None, dict[str, Any]]:
    """The answer without its events; what delays or cuts it stays."""
    while True:
        try:
            step = next(stream)
        except StopIteration as end:
            return dict(end.value)
        if not isinstance(step, Event):
            yield step


def words(text: str) -> list[str]:
    """Text in the pieces a model streams it in."""
    return re.findall(r"\S+\s*|\s+", text)


def slices(text: str, size: int = 6) -> Iterator[str]:
    """Tool arguments in the pieces a model streams them in."""
    return (text[at : at + size] for at in range(0, len(text), size))
