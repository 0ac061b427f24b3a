"""Which wire format speaks on which path: one line for each."""

from __future__ import annotations

from .anthropic import Anthropic
from .base import WireFormat
from .openai_chat import OpenAIChat
from .openai_responses import OpenAIResponses

FORMATS: tuple[WireFormat, ...] = (OpenAIChat(), OpenAIResponses(), Anthropic())


def format_for(method: str, path: str) -> WireFormat | None:
    """The format of requests to this path; None when no format knows it."""
    return next((wire for wire in FORMATS if wire.matches(method, path)), None)


def by_name(name: str) -> WireFormat:
    """The format that an HttpRecord names. Raises ValueError, also for `http`, which is none."""
    for wire in FORMATS:
        if wire.name == name:
            return wire
    known = ", ".join(wire.name for wire in FORMATS)
    raise ValueError(f"no wire format is called {name!r}; there are {known}")
