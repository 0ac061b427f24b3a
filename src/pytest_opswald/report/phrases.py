"""Steps and values in words, one line each; the same words in every report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    Error,
    GuardrailEval,
    Handoff,
    HttpRecord,
    LlmCall,
    LlmOutput,
    Response,
    StateChange,
    Step,
    StepError,
    ToolCall,
    ToolRequest,
    ToolResult,
    UserInput,
)

_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, line breaks and halves of a character, which JSON would let through."""


def literal(value: Any) -> str:
    """A value as one line of JSON; a typed one as `decimal("1.20")`, `ValueError("too much")`.

    An LLM's answer reads as its text and the calls it asks for.
    """
    match value:
        case LlmOutput():
            return _answered(value)
        case {"$type": str()}:
            return _typed(value)
        case Mapping():
            inside = ", ".join(f"{literal(str(key))}: {literal(v)}" for key, v in value.items())
            return f"{{{inside}}}"
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def call(name: str, arguments: Any) -> str:
    """`refund(order_id=42, amount=19.9)`."""
    if isinstance(arguments, Mapping):
        inside = ", ".join(f"{key}={literal(value)}" for key, value in arguments.items())
    else:
        inside = literal(arguments)
    return f"{name}({inside})"


def heading(step: Step) -> str:
    """`tool_call refund`: the kind of step and what it is about."""
    return f"{step.type} {subject(step)}".rstrip()


def subject(step: Step) -> str:
    """The tool, model, guardrail, key or name that a step is about; empty when it has none."""
    match step:
        case LlmCall():
            return step.input.model or ""
        case ToolCall() | ToolResult():
            return step.input.tool
        case GuardrailEval():
            return str(step.input.get("guardrail") or step.name or "")
        case StateChange():
            return str(step.input.get("key") or step.name or "")
        case Custom(http=HttpRecord() as http):
            return step.name or f"{http.method} {http.url}"
    return step.name or ""


def phrase(step: Step) -> str:
    """What a step says, on one line: `refund(order_id=42)`, `gpt-5.2 → lookup_order()`."""
    match step:
        case UserInput():
            return literal(step.message)
        case LlmCall():
            return f"{step.input.model or 'unknown model'}{answer(step)}"
        case ToolCall():
            return call(step.input.tool, step.input.arguments)
        case ToolResult():
            return f"{step.input.tool} {result(step)}"
        case Response():
            return response(step)
        case Error():
            return failure(step.error)
        case Custom():
            return _custom(step)
    return _told_by_hand(step)


def answer(step: LlmCall) -> str:
    """What the LLM said: ` "text"`, ` → tool(args)`, both, or why it failed."""
    said = step.output.content or step.output.refusal
    parts = [f" {literal(said)}"] if said else []
    if step.output.tool_calls:
        parts.append(f" → {', '.join(map(requested, step.output.tool_calls))}")
    if step.error:
        parts.append(f" ✗ {failure(step.error)}")
    return "".join(parts)


def requested(request: ToolRequest) -> str:
    return call(request.function, request.arguments)


def result(step: ToolResult) -> str:
    """`= "ok"`, or what the tool raised."""
    if step.output.error is not None:
        return f"raised {literal(step.output.error)}"
    if step.status == "error":
        return f"✗ {failure(step.error)}"
    return f"= {literal(step.output.result)}"


def response(step: Response) -> str:
    said = [literal(step.message)] if step.message is not None else []
    if step.structured_output is not None:
        said.append(literal(step.structured_output))
    return " ".join(said)


def failure(error: StepError | None) -> str:
    """`llm_error: rate limit reached`: the first line of what went wrong."""
    first = next(iter(error.message.splitlines()), "") if error else ""
    return f"{error.type}: {first}" if error else "failed"


def _answered(output: LlmOutput) -> str:
    said = output.content or output.refusal
    parts = [literal(said)] if said else []
    return ", ".join([*parts, *map(requested, output.tool_calls)]) or "nothing"


def _typed(value: Mapping[str, Any]) -> str:
    """What `capture.codec` wrote, as one would write it."""
    parts = {key: part for key, part in value.items() if key not in {"$type", "of"}}
    name = str(value.get("of") or value["$type"]).rpartition(":")[2]
    match parts:
        case {"name": str(member)}:
            return f"{name}.{member}"
        case {"fields": Mapping() as fields}:
            return call(name, fields)
        case {"args": [*args]}:
            return f"{name}({', '.join(map(literal, args))})"
    return f"{name}({', '.join(map(literal, parts.values()))})"


def _custom(step: Custom) -> str:
    if step.http:
        return f"{subject(step)} → {step.http.status}"
    said = " → ".join(literal(part) for part in (step.input, step.output) if part is not None)
    return f"{subject(step)} {said}".strip()


def _told_by_hand(step: Decision | Handoff | GuardrailEval | StateChange) -> str:
    given, out = step.input, step.output
    match step:
        case Decision():
            kind = out.get("decision_kind") or step.name or "decision"
            return f"{kind}: {literal(out.get('decision'))}"
        case Handoff():
            return f"{given.get('from_agent') or '?'} → {given.get('to_agent') or '?'}"
        case GuardrailEval():
            verdict = (
                "blocked" if out.get("blocked") else "passed" if out.get("passed") else "failed"
            )
            return f"{subject(step)} {verdict}"
        case StateChange():
            before = f"{literal(given['old'])} → " if "old" in given else ""
            return f"{subject(step)}: {before}{literal(out.get('new'))}"
