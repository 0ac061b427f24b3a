"""Errors as providers and transports tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_opswald.trace.steps import HttpRecord, StepError

_LONGEST_TEXT = 500


def refused_by(http: HttpRecord) -> StepError | None:
    """Why there is no answer at all: the transport raised, or the status is 400 and above."""
    if failure := http.failure:
        kind = "timeout" if "Timeout" in failure.type else "llm_error"
        return StepError(type=kind, message=f"{failure.type}: {failure.message}")
    if http.status < 400:
        return None
    told = message_of(http.body) or (http.text or "").strip()[:_LONGEST_TEXT]
    return StepError(type="llm_error", message=f"HTTP {http.status}: {told}".rstrip(": "))


def refused_in(answer: Mapping[str, Any]) -> StepError | None:
    """The error that a successful status carries, as streams do when they fail on the way."""
    if not answer.get("error"):
        return None
    return StepError(type="llm_error", message=message_of(answer) or "unknown error")


def message_of(body: Any) -> str | None:
    """The provider's sentence, in any of the shapes in use: `{error: {message}}`, `{message}`..."""
    if isinstance(body, str):
        return body
    if not isinstance(body, Mapping):
        return None
    told = (body.get(key) for key in ("error", "message", "detail", "code", "type"))
    return next((message for value in told if (message := message_of(value))), None)
