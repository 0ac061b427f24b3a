"""Server-sent events, from bytes cut anywhere and back.

Decoding follows the WHATWG rules, with two differences that keep what was sent: comments are kept,
and so is a block without data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pytest_opswald.trace.steps import SseEvent

from . import json_text

_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
_LINE_END = re.compile(r"\r\n|\n|\r")
_RETRY = re.compile(r"[0-9]{1,18}")
_NOTHING = SseEvent()


class SseParser:
    """Events of a stream that arrives in pieces; an event counts once its blank line is there."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, piece: bytes) -> list[SseEvent]:
        """The events that this piece completes."""
        self._buffer += piece
        return [event for block in self._blocks() if (event := _event(block))]

    @property
    def rest(self) -> bytes:
        """What came after the last blank line: an event that was never finished."""
        return bytes(self._buffer).lstrip(b"\r\n")

    def _blocks(self) -> Iterator[bytes]:
        start = 0
        while end := _BLANK_LINE.search(self._buffer, max(start, self._searched)):
            yield bytes(self._buffer[start : end.start()])
            start = end.end()
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 2)  # a line end may be cut in two


def encode_event(event: SseEvent, layout: str = json_text.COMPACT) -> bytes:
    """The event as it goes over the wire, blank line included."""
    return "".join(f"{line}\n" for line in (*_lines(event, layout), "")).encode()


def _event(block: bytes) -> SseEvent | None:
    fields: dict[str, list[str]] = {}
    for line in _LINE_END.split(block.decode("utf-8", "replace").removeprefix("\ufeff")):
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
    retry = _last(fields, "retry") or ""
    event = SseEvent(
        data=_value("\n".join(fields["data"])) if "data" in fields else None,
        event=_last(fields, "event"),
        id=_last(fields, "id"),
        retry=int(retry) if _RETRY.fullmatch(retry) else None,
        comment="\n".join(fields[""]) if "" in fields else None,
    )
    return event if event != _NOTHING else None


def _last(fields: dict[str, list[str]], name: str) -> str | None:
    return fields[name][-1] if name in fields else None


def _value(text: str) -> Any:
    """Parsed JSON, unless the text is needed to tell it from plain text or from no data."""
    try:
        value = json_text.parse(text)
    except ValueError:
        return text
    return text if value is None or isinstance(value, str) else value


def _lines(event: SseEvent, layout: str) -> Iterator[str]:
    yield from _field("", event.comment)
    yield from _field("event", event.event)
    yield from _field("id", event.id)
    yield from _field("retry", None if event.retry is None else str(event.retry))
    data = event.data
    text = data if isinstance(data, str | None) else json_text.dump(data, layout).decode()
    yield from _field("data", text)


def _field(name: str, text: str | None) -> list[str]:
    return [] if text is None else [f"{name}: {line}" for line in text.split("\n")]
