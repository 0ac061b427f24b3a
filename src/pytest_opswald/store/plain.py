"""Documents as plain JSON data: what is at its default is left out, data is shared, not copied."""

from __future__ import annotations

from functools import cache
from typing import Any

from pytest_opswald.trace.document import Document
from pytest_opswald.trace.steps import LlmCall, Step

_DERIVED = frozenset({"input", "output", "tokens"})
"""Of an LLM call with an exchange: read from it."""
_ELSEWHERE = frozenset({"type", "step_number", "timestamp", "duration_ms"})
"""Told by the file's own keys, or volatile and kept beside it."""


def plain(step: Step) -> dict[str, Any]:
    """What the golden file says about one step."""
    read = _DERIVED if isinstance(step, LlmCall) and step.http else frozenset()
    return _fields(step, without=_ELSEWHERE | read)


def _fields(document: Document, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    data = {}
    for name, default in _defaults(type(document)):
        if name not in without and (value := getattr(document, name)) != default:
            data[name] = _plain(value)
    return data


@cache
def _defaults(kind: type[Document]) -> tuple[tuple[str, Any], ...]:
    """Every field with its default; required ones have one that equals nothing."""
    return tuple(
        (name, field.get_default(call_default_factory=True))
        for name, field in kind.model_fields.items()
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Document):
        return _fields(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
