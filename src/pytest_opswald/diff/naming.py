"""Which reason code a row gets, and who is to blame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.steps import (
    Custom,
    Error,
    GuardrailEval,
    Handoff,
    LlmCall,
    StateChange,
    Step,
    ToolCall,
    ToolResult,
    UserInput,
)

from .difference import StepPair


def named(rows: Iterable[StepPair], golden: Iterable[Step]) -> Iterator[StepPair]:
    """The rows, those that differ with code and cause."""
    tools = {step.input.tool for step in golden if isinstance(step, ToolCall)}
    model_drifted = False
    for row in rows:
        if row.op == "equal":
            yield row
            continue
        code = _code(row, tools)
        yield replace(row, code=code, cause=_cause(row, code, model_drifted=model_drifted))
        # what an agent does after an LLM answered otherwise is owed to that answer
        model_drifted |= _answers_otherwise(row)


def _code(row: StepPair, tools: set[str]) -> Reason:
    match row.op, row.golden or row.actual:
        case "missing", ToolCall():
            return Reason.TOOL_MISSING
        case "missing", _:
            return Reason.STEP_MISSING
        case "extra", ToolCall() as call if call.input.tool in tools:
            return Reason.TOOL_COUNT
        case "extra", Error():
            return Reason.ERROR_NEW
        case "extra", _:
            return Reason.STEP_EXTRA
        case "moved", ToolCall() | ToolResult():
            return Reason.TOOL_ORDER
        case "moved", _:
            return Reason.STEP_MOVED
    return _code_of_change(row)


def _code_of_change(row: StepPair) -> Reason:
    if _asks_otherwise(row):
        return Reason.REQUEST_DRIFT
    if row.golden and row.actual and (row.golden.status, row.actual.status) == ("ok", "error"):
        return Reason.ERROR_NEW
    match row.golden:
        case ToolCall():
            return Reason.ARG_CHANGED
        case Handoff():
            return Reason.HANDOFF_CHANGED
        case GuardrailEval():
            return Reason.GUARDRAIL_CHANGED
        case StateChange():
            return Reason.STATE_MISMATCH
    return Reason.STEP_CHANGED


def _cause(row: StepPair, code: Reason, *, model_drifted: bool) -> Cause:
    match row.op, row.golden or row.actual:
        case "changed", UserInput():
            return Cause.REQUEST_DRIFT
        case "changed", LlmCall() | Custom() if code is Reason.REQUEST_DRIFT:
            return Cause.REQUEST_DRIFT
        case "changed", LlmCall():
            return Cause.MODEL_DRIFT
        case "changed", ToolResult():
            return Cause.TOOL_DRIFT
        case "changed", Custom(http=http) if http:
            return Cause.TOOL_DRIFT
    return Cause.MODEL_DRIFT if model_drifted else Cause.CODE_DRIFT


def _asks_otherwise(row: StepPair) -> bool:
    roots = {"request", "endpoint"} | ({"input"} if isinstance(row.golden, LlmCall) else set())
    return any(root_of(change.path) in roots for change in row.changes)


def _answers_otherwise(row: StepPair) -> bool:
    return isinstance(row.golden, LlmCall) and any(
        root_of(change.path) in {"output", "error"} for change in row.changes
    )


def root_of(path: str) -> str:
    """`request` of `request.messages[0].content`."""
    return path.partition(".")[0].partition("[")[0]
