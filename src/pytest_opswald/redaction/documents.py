"""Documents without secrets: every text in them, whatever field it stands in."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NewType, TypeVar

from pytest_opswald.trace.document import Document
from pytest_opswald.trace.golden import Golden, Redaction
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.steps import HttpRecord, SseEvent

from .redactor import Redactor
from .streams import redacted_events

D = TypeVar("D", bound=Document)


def redacted(document: D, redactor: Redactor, *, without: frozenset[str] = frozenset()) -> D:
    """The document with its secrets replaced; itself when there is none.

    Fields named in `without` are left as they are.
    """
    update = {}
    for name in type(document).model_fields:
        value = getattr(document, name)
        if name not in without and (new := _field(document, name, value, redactor)) is not value:
            update[name] = new
    return document.model_copy(update=update) if update else document


def _field(document: Document, name: str, value: Any, redactor: Redactor) -> Any:
    match document, name, value:
        case HttpRecord(), "events", tuple():
            return _events(value, redactor)
        case HttpRecord(), "base64", str():
            return encoded(value, redactor)
        case HttpRecord(), "text", str():
            return _lines(value, redactor)
    return _value(value, redactor)


def _value(value: Any, redactor: Redactor) -> Any:
    match value:
        case Document():
            return redacted(value, redactor)
        case tuple() if any(isinstance(item, Document) for item in value):
            items = tuple(_value(item, redactor) for item in value)
            return value if all(map(_is, items, value)) else items
    return redactor.value(value)


def _events(events: tuple[SseEvent, ...], redactor: Redactor) -> tuple[SseEvent, ...]:
    told = [
        {"event": event.event, "data": event.data, "id": event.id, "comment": event.comment}
        for event in events
    ]
    changed = redacted_events(told, redactor)
    new = tuple(
        event if now is before else event.model_copy(update=now)
        for event, before, now in zip(events, told, changed, strict=True)
    )
    return events if all(map(_is, new, events)) else new


def _lines(text: str, redactor: Redactor) -> str:
    """A text; where each line is JSON, as some providers stream, lines are events."""
    lines = text.splitlines()
    if len(lines) > 1 and all(line.lstrip()[:1] == "{" for line in lines if line.strip()):
        try:
            told = [json.loads(line) if line.strip() else None for line in lines]
        except (ValueError, RecursionError):
            return redactor.text(text)
        changed = redacted_events(told, redactor)
        if all(map(_is, changed, told)):
            return text
        return "".join("\n" if now is None else f"{_dumped(now)}\n" for now in changed)
    return redactor.text(text)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(text: str, redactor: Redactor) -> str:
    """Base64 whose bytes hold no secret."""
    try:
        said = base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
    except (ValueError, binascii.Error):
        return redactor.text(text)
    clean = redactor.text(said)
    if clean is said:
        return redactor.text(text)
    return base64.b64encode(clean.encode("utf-8", "surrogateescape")).decode()


def _is(one: object, other: object) -> bool:
    return one is other


Redacted = NewType("Redacted", Golden)
"""A golden that holds no secret; the only kind that is written to a file."""


def redacted_golden(golden: Golden, redactor: Redactor) -> Redacted:
    """The golden, its header as free of secrets as its trace, and saying so."""
    clean = golden.model_copy(
        update={
            "test": redactor.text(golden.test),
            "tags": tuple(map(redactor.text, golden.tags)),
            "expected_outcome": parse_outcome(
                redactor.value(golden.expected_outcome.model_dump(mode="json"))
            ),
        }
    )
    disabled = tuple(sorted(redactor.detector.rules.disabled))
    told = Redaction(disabled=disabled, count=redactor.count)
    return Redacted(clean.model_copy(update={"redaction": told}))
