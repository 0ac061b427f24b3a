"""A small run that every report test draws, and ways to make it differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pytest_opswald.diff.difference import Change, Check, Difference, StepPair
from pytest_opswald.engine.result import Counts, Finding, Replay
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.summary import Summary
from pytest_opswald.report.terminal import render
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import (
    HttpRecord,
    LlmCall,
    Response,
    Step,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolRequest,
    ToolResult,
    ToolResultInput,
    UserInput,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.records import read

PROMPT = "You are a helpful support agent. Look an order up before you refund it."
FINAL = "I refunded 19.90 EUR for order 42 to your card."


def llm(
    content: str | None = None, calls: tuple[ToolRequest, ...] = (), model: str = "gpt-5.2"
) -> LlmCall:
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": "Refund order 42"},
    ]
    exchange = HttpRecord(
        format="openai_chat",
        url="https://api.openai.com/v1/chat/completions",
        request={"model": model, "messages": messages, "temperature": 0},
        headers={"content-type": "application/json"},
        body=_completion(content, calls, model),
    )
    reading = read(exchange)
    return LlmCall(
        input=reading.input, output=reading.output, tokens=reading.tokens, cost=0.002, http=exchange
    )


def _completion(content: str | None, calls: tuple[ToolRequest, ...], model: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{call.function}",
                "type": "function",
                "function": {"name": call.function, "arguments": json.dumps(call.arguments)},
            }
            for call in calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    usage = {"prompt_tokens": 400, "completion_tokens": 30, "total_tokens": 430}
    return {"object": "chat.completion", "model": model, "choices": [choice], "usage": usage}


def tool(name: str, result: Any, **arguments: Any) -> list[Step]:
    return [
        ToolCall(input=ToolInput(tool=name, arguments=arguments)),
        ToolResult(input=ToolResultInput(tool=name), output=ToolOutput(result=result)),
    ]


def wants(name: str, **arguments: Any) -> tuple[ToolRequest, ...]:
    return (ToolRequest(function=name, arguments=arguments),)


def refund_steps(amount: float = 19.9, final: str = FINAL, model: str = "gpt-5.2") -> list[Step]:
    return [
        UserInput(message="Refund order 42"),
        llm(calls=wants("lookup_order", order_id=42), model=model),
        *tool("lookup_order", {"total": 19.9}, order_id=42),
        llm(calls=wants("refund", order_id=42, amount=amount), model=model),
        *tool("refund", "ok", order_id=42, amount=amount),
        llm(content=final, model=model),
        Response(message=final),
    ]


RECORDED = Trace.of(refund_steps())
GOLDEN = Golden(name="test_refund", test="tests/test_refund.py::test_refund", trace=RECORDED)


def equal_pairs(run: Trace = RECORDED) -> list[StepPair]:
    return as_recorded(RECORDED.steps, run.steps)


def as_recorded(golden: Sequence[Step], actual: Sequence[Step]) -> list[StepPair]:
    return [StepPair("equal", *pair) for pair in zip(golden, actual, strict=True)]


def changed(pairs: list[StepPair], number: int, *changes: Change, **more: Any) -> list[StepPair]:
    """The rows with step `number` changed."""
    place = number - 1
    pair = pairs[place]
    row = StepPair("changed", pair.golden, pair.actual, changes, **({"gates": True} | more))
    return [*pairs[:place], row, *pairs[place + 1 :]]


def without(*numbers: int, **more: Any) -> list[StepPair]:
    """Rows of a run that left out these steps of the golden."""
    kept = [step for step in RECORDED.steps if step.step_number not in numbers]
    run = iter(Trace.of(kept).steps)
    return [
        StepPair("missing", step, None, gates=True, **more)
        if step.step_number in numbers
        else StepPair("equal", step, next(run))
        for step in RECORDED.steps
    ]


def summary(
    pairs: list[StepPair] | None = None,
    *,
    checks: tuple[Check, ...] = (),
    findings: tuple[Finding, ...] = (),
    spec: ReplaySpec | None = None,
    run: Trace = RECORDED,
    counts: Counts | None = None,
    notices: tuple[str, ...] = (),
) -> Summary:
    spec = spec or ReplaySpec()
    replay = Replay(GOLDEN, spec, run, findings, counts or Counts(), notices)
    rows = equal_pairs() if pairs is None else pairs
    return summarise(replay, Difference(tuple(rows), checks), profile=spec.profile)


def drawn(one: Summary, **paper: Any) -> str:
    """The rendering as one text, with a line break before and after, as tests write it."""
    return "\n" + "\n".join(render(one, Paper(**paper))) + "\n"
