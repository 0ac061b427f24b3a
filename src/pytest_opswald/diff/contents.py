"""What is compared of a step, as JSON; the names of its parts begin the paths of changes.

Never ids, times, durations, headers, usage, cost or who arrived first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    GuardrailEval,
    Handoff,
    HttpRecord,
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
    Response,
    StateChange,
    Step,
    ToolCall,
    ToolOutput,
    ToolRequest,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.volatile import equal, same

Parts = dict[str, Any]


def differing_parts(golden: Step, actual: Step) -> list[tuple[str, Any, Any]]:
    """Name, golden value and actual value of each part that is not the same.

    Tool arguments and responses must be equal; elsewhere volatile values may differ. A part that
    only one side has stands against None.
    """
    if golden is actual:
        return []
    one, other = _comparable(golden, actual)
    if repr(one) == repr(other):
        return []
    names = dict.fromkeys((*one, *other))
    is_same = equal if isinstance(golden, ToolCall | Response) else same
    return [
        (name, one.get(name), other.get(name))
        for name in names
        if not is_same(one.get(name), other.get(name))
    ]


def parts(step: Step) -> Parts:
    """The comparable parts of a step; of an LLM call, its answer only."""
    return {**_told(step), **_failure(step)}


def message(said: Message) -> Parts:
    """A message without its ids."""
    calls = [_requested(call) for call in said.tool_calls]
    return {"role": said.role, "content": said.content} | ({"tool_calls": calls} if calls else {})


def _comparable(golden: Step, actual: Step) -> tuple[Parts, Parts]:
    one, other = parts(golden), parts(actual)
    match golden, actual:
        case (LlmCall() | Custom(), LlmCall() | Custom()) if golden.http and actual.http:
            return {**_asked(golden.http), **one}, {**_asked(actual.http), **other}
        case LlmCall(), LlmCall():
            return {"input": _input(golden.input), **one}, {"input": _input(actual.input), **other}
    return one, other


def _told(step: Step) -> Parts:
    match step:
        case UserInput():
            return {"message": step.message}
        case LlmCall():
            return {"output": _output(step.output)}
        case ToolCall():
            return {"input": {"arguments": step.input.arguments}}
        case ToolResult():
            return {"output": _outcome(step.output)}
        case Response():
            return {"message": step.message, "structured_output": step.structured_output}
        case Custom(http=HttpRecord() as http):
            return {"response": _answered(http)}
        case Custom() | Decision() | Handoff() | GuardrailEval() | StateChange():
            return {"input": step.input, "output": step.output}
    return {}


def _failure(step: Step) -> Parts:
    if step.error:
        return {"error": {"type": step.error.type, "message": step.error.message}}
    return {"error": "unknown"} if step.status == "error" else {}


def _asked(http: HttpRecord) -> Parts:
    return {"endpoint": f"{http.method} {urlsplit(http.url).path}", "request": http.request}


def _answered(http: HttpRecord) -> Parts:
    events = http.events and [event.model_dump(exclude_none=True) for event in http.events]
    body = {"body": http.body, "text": http.text, "base64": http.base64, "events": events}
    return {"status": http.status, **_given(body)}


def _input(asked: LlmInput) -> Parts:
    sent = {name: getattr(asked, name) for name in _SETTINGS}
    messages = [message(said) for said in asked.messages]
    return {**_given(sent), "tools": list(asked.tools), "messages": messages}


_SETTINGS = ("model", "temperature", "max_tokens", "top_p", "seed", "response_format")


def _output(answered: LlmOutput) -> Parts:
    return {
        "content": answered.content,
        "tool_calls": [_requested(call) for call in answered.tool_calls],
        "finish_reason": answered.finish_reason,
        "refusal": answered.refusal,
    }


def _requested(call: ToolRequest) -> Parts:
    return {"function": call.function, "arguments": call.arguments}


def _outcome(outcome: ToolOutput) -> Parts:
    return {"result": outcome.result, **_given({"error": outcome.error})}


def _given(values: Mapping[str, Any]) -> Parts:
    return {name: value for name, value in values.items() if value is not None}
