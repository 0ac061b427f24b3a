"""Documents without secrets: every text in them, whatever field it stands in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from functools import cache
from operator import is_
from typing import Any, NewType, TypeVar

from pytest_opswald.trace.document import Document
from pytest_opswald.trace.golden import Golden, Redaction
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome
from pytest_opswald.trace.steps import HttpRecord, SseEvent

from .redactor import Redactor
from .streams import redacted_events

D = TypeVar("D", bound=Document)


def redacted(document: D, redactor: Redactor, *, without: frozenset[str] = frozenset()) -> D:
    """The document with its secrets replaced; itself when there is none.

    Fields named in `without` are left as they are.
    """
    update = {}
    for name in _fields(type(document)):
        value = getattr(document, name)
        # Most fields of most steps are empty, and this runs for every step of every replay.
        if value is None or name in without:
            continue
        if (new := _field(document, name, value, redactor)) is not value:
            update[name] = new
    return document.model_copy(update=update) if update else document


@cache
def _fields(kind: type[Document]) -> tuple[str, ...]:
    return tuple(kind.model_fields)


def _field(document: Document, name: str, value: Any, redactor: Redactor) -> Any:
    if isinstance(document, HttpRecord) and name in _BODIES:
        return _BODIES[name](value, redactor)
    return _value(value, redactor)


def _value(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, Document):
        return redactor.once(value, "", lambda: redacted(value, redactor))
    if isinstance(value, tuple) and any(isinstance(item, Document) for item in value):
        items = tuple(_value(item, redactor) for item in value)
        return value if all(map(is_, items, value)) else items
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
    return events if all(map(is_, new, events)) else new


def _lines(text: str, redactor: Redactor) -> str:
    """A text; where each line is JSON, as some providers stream, lines are events."""
    lines = text.splitlines()
    if len(lines) > 1 and all(line.lstrip()[:1] == "{" for line in lines if line.strip()):
        try:
            told = [json.loads(line) if line.strip() else None for line in lines]
        except (ValueError, RecursionError):
            return redactor.text(text)
        changed = redacted_events(told, redactor)
        if all(map(is_, changed, told)):
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


def _body(body: Any, redactor: Redactor) -> Any:
    return redacted_events([body], redactor)[0]


_BODIES: Mapping[str, Callable[[Any, Redactor], Any]] = {
    "body": _body,
    "events": _events,
    "base64": encoded,
    "text": _lines,
}
"""Fields of an exchange that hold more than they say."""


def redacted_outcome(outcome: ExpectedOutcome, redactor: Redactor) -> ExpectedOutcome:
    """What is expected, with its secrets replaced; itself when there is none."""
    written = outcome.model_dump(mode="json")
    clean = redactor.value(written)
    return outcome if clean is written else parse_outcome(clean)


Redacted = NewType("Redacted", Golden)
"""A golden that holds no secret; the only kind that is written to a file."""


def redacted_golden(golden: Golden, redactor: Redactor) -> Redacted:
    """The golden, its header as free of secrets as its trace, and saying so."""
    clean = golden.model_copy(
        update={
            "test": redactor.text(golden.test),
            "tags": tuple(map(redactor.text, golden.tags)),
            "expected_outcome": redacted_outcome(golden.expected_outcome, redactor),
        }
    )
    disabled = tuple(sorted(redactor.detector.rules.disabled))
    told = Redaction(disabled=disabled, count=redactor.count)
    return Redacted(clean.model_copy(update={"redaction": told}))
