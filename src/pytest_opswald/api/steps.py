"""Steps as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pytest_opswald.trace.steps import StepStatus, StepType

from .base import Answer, Body, Metadata, Milliseconds, Name, Time, TokenCount, Usd, is_none


class StepProblem(Answer):
    """Why a step failed."""

    type: str
    """tool_error, llm_error, guardrail_blocked, timeout, agent_error or an exception's name."""
    message: str


class StepBody(Body):
    """A step as a client sends it; the server numbers it.

    | type | input | output |
    |---|---|---|
    | user_input | `{message, attachments?}` | |
    | llm_call | `{model, messages, temperature?, max_tokens?, top_p?, seed?, tools?, response_format?, provider?}` | `{content, tool_calls?: [{id?, function, arguments}], finish_reason?, model?}` |
    | tool_call | `{tool, arguments, tool_call_id?}` | |
    | tool_result | `{tool, tool_call_id?}` | `{result}` or `{error: {type, message}}` |
    | decision | `{options?, context?}` | `{decision_kind, decision, reasoning?, matched?}` |
    | handoff | `{from_agent, to_agent, reason?}` | `{accepted?}` |
    | guardrail_eval | `{guardrail, content?}` | `{passed, blocked, score?, reason?}` |
    | state_change | `{key, old?}` | `{new}` |
    | error | `{}` | `{error: {type, message, traceback?}}` |
    | response | `{}` | `{message, structured_output?, status?}` |
    | custom | anything | anything |
    """

    type: StepType
    id: Name | None = None
    """Ignored: the server gives `step_001`, `step_002`, ..."""
    step_number: int | None = None
    """Ignored: steps are numbered as they are listed."""
    timestamp: Time | None = None
    """Start; that of the step before it when left out."""
    input: Any = Field(default_factory=dict)
    output: Any = None
    duration_ms: Milliseconds = 0
    cost: Usd | None = None
    """USD; priced by model and tokens when left out."""
    tokens: TokenCount | None = None
    name: Name | None = None
    agent: Name | None = None
    span_id: Name | None = None
    parent_span_id: Name | None = None
    status: StepStatus | None = None
    """`error` when left out and there is an error."""
    error: StepProblem | None = None
    metadata: Metadata = Field(default_factory=dict)
    raw: Any = None
    """What the provider's wire said, when the sender kept it."""


class Step(Answer):
    """A step as the server shows it; `input` and `output` as in StepBody."""

    id: str
    """`step_001`"""
    step_number: int
    """From 1."""
    type: StepType
    timestamp: Time
    input: Any = Field(default_factory=dict)
    output: Any = Field(None, exclude_if=is_none)
    duration_ms: Milliseconds = 0
    cost: Usd = 0
    tokens: TokenCount | None = Field(None, exclude_if=is_none)
    name: str | None = None
    agent: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    status: StepStatus = "ok"
    error: StepProblem | None = Field(None, exclude_if=is_none)
    metadata: Metadata = Field(default_factory=dict)
    raw: Any = Field(None, exclude_if=is_none)
