"""Events: `/v1/events`; each becomes a step of its session's running trace."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pytest_opswald.trace.steps import StepType

from .base import Answer, Body, Milliseconds, Name, Time
from .ids import TraceId


class EventBody(Body):
    event_type: StepType
    session_id: Name
    data: dict[str, Any] = Field(default_factory=dict)
    """`{input?, output?, cost?, tokens?, model?, error?, duration_ms?, ...}`; `model` is copied
    into the input, keys nobody knows go into the step's metadata."""
    timestamp: Time | None = None
    trace_id: TraceId | None = None
    """Created when unknown; the session's running trace when left out."""
    event_id: Name | None = None
    """Sent again, it is answered again and adds no second step."""
    user_id: Name | None = None
    span_id: Name | None = None
    parent_span_id: Name | None = None
    agent: Name | None = None
    duration_ms: Milliseconds | None = None


class EventAccepted(Answer):
    event_id: str
    processed: bool
    trace_id: str
    step_id: str | None = None
    step_number: int | None = None


class Event(EventAccepted):
    event_type: StepType
    session_id: str
    data: dict[str, Any]
    timestamp: Time
    received_at: Time
