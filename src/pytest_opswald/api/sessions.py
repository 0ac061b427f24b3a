"""Sessions: `/v1/sessions`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Answer, Body, Count, Flag, Metadata, Milliseconds, Name, Time, TokenCount, Usd
from .pages import Page, Paging
from .traces import TraceSummary

SessionStatus = Literal["active", "completed"]


class SessionQuery(Paging):
    user_id: Name | None = None
    active: Flag | None = None


class SessionSummary(Answer):
    session_id: str
    user_id: str | None = None
    started_at: Time
    last_activity: Time
    status: SessionStatus
    """Completed when it was ended, or after half an hour without an event."""
    trace_count: Count
    total_cost: Usd


class Session(SessionSummary):
    ended_at: Time | None = None
    duration_ms: Milliseconds
    total_tokens: TokenCount
    errors: Count
    models_used: tuple[str, ...]
    metadata: Metadata = Field(default_factory=dict)
    traces: tuple[TraceSummary, ...]
    """Oldest first."""


class SessionPage(Page[SessionSummary]):
    sessions: tuple[SessionSummary, ...]


class SessionEndBody(Body):
    status: Literal["completed"] = "completed"
