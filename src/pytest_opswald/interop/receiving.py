"""A trace as the API shows it, as one of ours: for goldens made of traces from production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pytest_opswald.api import steps as api
from pytest_opswald.errors import NotReplayable
from pytest_opswald.trace.steps import HttpRecord, LlmCall, Step, ToolCall, ToolResult
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.base import Memory
from pytest_opswald.wire.records import read

from .chat_records import chat_record
from .sending import OWN

_STEP: TypeAdapter[Step] = TypeAdapter(Step)
ToolStep = TypeVar("ToolStep", ToolCall, ToolResult)


def from_api(steps: tuple[api.Step, ...]) -> Trace:
    """The trace, each LLM call with what the wire said, or would have said to an OpenAI client.

    Raises NotReplayable when an LLM call does not say what it was asked, or a step makes no sense.
    """
    memory = Memory()
    return Trace.of(list(_with_call_ids([_step(step, memory) for step in steps])))


def _step(step: api.Step, memory: Memory) -> Step:
    own = step.raw.get(OWN, {}) if isinstance(step.raw, Mapping) else {}
    try:
        return _STEP.validate_python({**_shared(step), **_told(step, own, memory), **own})
    except (ValidationError, ValueError, TypeError, AttributeError) as problem:
        raise NotReplayable(f"{step.id} ({step.type}) is no step of a golden: {problem}") from None


def _with_call_ids(steps: Sequence[Step]) -> Iterator[Step]:
    """Tool calls and results that lack an id get that of the call the LLM asked for."""
    asked: list[tuple[str, str]] = []
    open_calls: list[tuple[str, str]] = []
    for step in steps:
        match step:
            case LlmCall():
                asked += [(call.function, call.id) for call in step.output.tool_calls if call.id]
            case ToolCall():
                step = _identified(step, asked)
                open_calls.append((step.input.tool, step.input.tool_call_id or ""))
            case ToolResult():
                step = _identified(step, open_calls)
        yield step


def _identified(step: ToolStep, calls: list[tuple[str, str]]) -> ToolStep:
    """With the first id of its tool that nobody has taken; takes it."""
    tool, call_id = step.input.tool, step.input.tool_call_id
    found = next((call for call in calls if call[0] == tool and call_id in (None, call[1])), None)
    if found is None:
        return step
    calls.remove(found)
    told = step.input.model_copy(update={"tool_call_id": found[1] or None})
    return step.model_copy(update={"input": told})


def _shared(step: api.Step) -> dict[str, Any]:
    fields = {
        "type": step.type,
        "name": step.name,
        "agent": step.agent,
        "span_id": step.span_id,
        "parent_span_id": step.parent_span_id,
        "timestamp": step.timestamp,
        "duration_ms": step.duration_ms or None,
        "cost": step.cost,
        "status": step.status,
        "error": step.error.model_dump() if step.error else None,
        "metadata": step.metadata,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _told(step: api.Step, own: Mapping[str, Any], memory: Memory) -> dict[str, Any]:
    said, answered = step.input or {}, step.output or {}
    match step.type:
        case "user_input":
            return {"message": str(said.get("message", ""))}
        case "response":
            return {key: answered.get(key) for key in ("message", "structured_output")}
        case "llm_call":
            return _llm_call(step, own, memory)
        case "tool_call":
            return {"input": _only(said, "tool", "arguments", "tool_call_id")}
        case "tool_result":
            told = _only(said, "tool", "tool_call_id")
            return {"input": told, "output": _only(answered, "result", "error")}
        case "error":
            return (
                {"error": _only(answered.get("error") or {}, "type", "message")} if answered else {}
            )
        case "custom":
            return {"input": step.input, "output": step.output}
    return {"input": said, "output": answered}


def _llm_call(step: api.Step, own: Mapping[str, Any], memory: Memory) -> dict[str, Any]:
    record = HttpRecord(**own["http"]) if own.get("http") else chat_record(step)
    reading = read(record, memory)
    return {
        "input": reading.input,
        "output": reading.output,
        "tokens": reading.tokens,
        "http": record,
    }


def _only(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names if name in said}
