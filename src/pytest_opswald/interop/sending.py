"""A trace of ours as the API takes it.

What the API has no place for goes into a step's `raw`, so that `receiving` gives back the same
trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.steps import StepBody, StepProblem
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    GuardrailEval,
    Handoff,
    LlmCall,
    LlmInput,
    LlmOutput,
    Response,
    StateChange,
    Step,
    ToolCall,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.trace import Trace

OWN = "golden_step"
"""Key of `raw` under which our own fields are."""
_SHARED = {
    "type",
    "step_number",
    "name",
    "agent",
    "span_id",
    "parent_span_id",
    "timestamp",
    "duration_ms",
    "cost",
    "status",
    "error",
    "metadata",
}
"""Fields that the API has, too."""
_TOLD: dict[str, set[str]] = {
    "user_input": {"message"},
    "response": {"message", "structured_output"},
}
"""Fields that are in the API's `input` or `output`."""


def to_api(
    trace: Trace,
    *,
    started_at: datetime,
    trace_id: str | None = None,
    session_id: str | None = None,
    name: str | None = None,
    tags: Sequence[str] = (),
    metadata: Mapping[str, Any] | None = None,
) -> TraceBody:
    """The trace as a body of `POST /v1/traces`; steps without a time begin with it."""
    return TraceBody(
        id=trace_id,
        session_id=session_id,
        name=name,
        started_at=started_at,
        ended_at=_ended_at(trace, started_at),
        status=trace.status,
        tags=tuple(tags),
        metadata=dict(metadata or {}),
        steps=tuple(_step(step) for step in trace.steps),
    )


def _ended_at(trace: Trace, started_at: datetime) -> datetime:
    return max((step.timestamp for step in trace.steps if step.timestamp), default=started_at)


def _step(step: Step) -> StepBody:
    said, answered = _said(step)
    tokens = step.tokens if isinstance(step, LlmCall) else None
    return StepBody(
        type=step.type,
        timestamp=step.timestamp,
        input=said,
        output=answered,
        duration_ms=round(step.duration_ms or 0),
        cost=step.cost,
        tokens=TokenCount(input=tokens.input, output=tokens.output) if tokens else None,
        name=step.name,
        agent=step.agent,
        span_id=step.span_id,
        parent_span_id=step.parent_span_id,
        status=step.status,
        error=StepProblem(**step.error.model_dump()) if step.error else None,
        metadata=dict(step.metadata),
        raw=_raw(step),
    )


def _said(step: Step) -> tuple[Any, Any]:
    match step:
        case UserInput():
            return {"message": step.message}, None
        case LlmCall():
            return _plain(step.input), _plain(step.output)
        case ToolCall():
            return _plain(step.input), None
        case ToolResult():
            return _plain(step.input), step.output.model_dump(mode="json", exclude_unset=True)
        case Decision() | Handoff() | GuardrailEval() | StateChange() | Custom():
            return step.input, step.output
        case Response():
            said = {"message": step.message, "structured_output": step.structured_output}
            return {}, {key: value for key, value in said.items() if value is not None}
    return {}, {"error": step.error.model_dump()} if step.error else None


def _plain(said: LlmInput | LlmOutput | Any) -> Any:
    return said.model_dump(mode="json", exclude_defaults=True)


def _raw(step: Step) -> Any:
    apart = _SHARED | _TOLD.get(step.type, {"input", "output", "tokens"})
    own = step.model_dump(mode="json", exclude=apart, exclude_defaults=True)
    return {OWN: own} if own else None
