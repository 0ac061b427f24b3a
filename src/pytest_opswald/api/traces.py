"""Traces: `/v1/traces`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from .base import (
    KIB,
    Answer,
    Body,
    Count,
    Flag,
    Metadata,
    Milliseconds,
    Name,
    Tags,
    Time,
    TokenCount,
    Usd,
    within,
)
from .ids import TraceId
from .pages import Page, Paging
from .steps import Step, StepBody

TraceStatus = Literal["running", "completed", "error"]


class TraceQuery(Paging):
    """What a trace in the list must be, all of it."""

    start_time: Time | None = None
    """Started then or later."""
    end_time: Time | None = None
    """Started before."""
    error: Flag | None = None
    """Whether any of its steps failed."""
    model: Name | None = None
    """One of those it used."""
    min_cost: Usd | None = None
    """Of the whole trace, as `max_cost`."""
    max_cost: Usd | None = None
    user_id: Name | None = None
    session_id: Name | None = None
    status: TraceStatus | None = None
    project: Name | None = None
    tag: Name | None = None


class TraceProblem(Answer):
    """The first step that failed."""

    type: str
    message: str
    step: int


class _TraceBase(Answer):
    id: str
    session_id: str
    user_id: str | None = None
    started_at: Time
    ended_at: Time | None = None
    duration_ms: Milliseconds | None = None
    """None while it is running."""
    total_cost: Usd
    total_tokens: TokenCount
    models_used: tuple[str, ...]
    """Distinct, in order of first use."""
    errors: Count
    """Steps that failed."""
    status: TraceStatus
    name: str | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Metadata = Field(default_factory=dict)


class TraceSummary(_TraceBase):
    """A trace in a list."""

    steps: Count
    """How many."""


class Trace(_TraceBase):
    """A trace with all of its steps."""

    steps: tuple[Step, ...]
    step_count: Count
    final_output: Any = None
    """Message of the last response step."""
    structured_output: Any = None
    error: TraceProblem | None = None


class TracePage(Page[TraceSummary]):
    traces: tuple[TraceSummary, ...]


class TraceBody(Body):
    """A whole trace, to be imported; what `GET` answers may be sent again as it is."""

    id: TraceId | None = None
    session_id: Name | None = None
    user_id: Name | None = None
    name: Name | None = None
    started_at: Time
    ended_at: Time | None = None
    status: TraceStatus | None = None
    """From its steps when left out: `error` when the last one failed."""
    tags: Tags = ()
    metadata: Annotated[Metadata, within(64 * KIB)] = Field(default_factory=dict)
    """At most 64 KiB as JSON; those of steps may be longer."""
    steps: Annotated[Sequence[StepBody], Field(max_length=100_000), AfterValidator(tuple)] = ()
    total_cost: Usd | None = None
    """USD of the whole trace; the sum of its steps when left out."""
    total_tokens: TokenCount | None = None
    """Of the whole trace; the sum of its steps when left out."""
    duration_ms: Milliseconds | None = None
    """Tells `ended_at` when that is left out."""
    models_used: Any = None
    """Ignored, as all below: it follows from the steps."""
    errors: Any = None
    step_count: Any = None
    final_output: Any = None
    structured_output: Any = None
    error: Any = None
    project: Any = None


class TraceDeleted(Answer):
    deleted: Literal[True] = True
    trace_id: str
