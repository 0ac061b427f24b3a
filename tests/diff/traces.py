"""Short words for traces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Check, Difference, StepPair
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.steps import (
    HttpRecord,
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
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


def user(text: str) -> UserInput:
    return UserInput(message=text)


def response(text: str, structured: Any = None) -> Response:
    return Response(message=text, structured_output=structured)


def call(tool: str, call_id: str | None = None, /, **arguments: Any) -> ToolCall:
    return ToolCall(input=ToolInput(tool=tool, arguments=arguments, tool_call_id=call_id))


def result(tool: str, value: Any, call_id: str | None = None) -> ToolResult:
    return ToolResult(
        input=ToolResultInput(tool=tool, tool_call_id=call_id), output=ToolOutput(result=value)
    )


def use(tool: str, value: Any = "ok", /, **arguments: Any) -> tuple[Step, Step]:
    """A call and its result."""
    return call(tool, **arguments), result(tool, value)


def llm(
    *said: str, answer: str | None = None, asks: Iterable[ToolCall] = (), **more: Any
) -> LlmCall:
    """A call with user messages and one answer: a text, or tool calls."""
    return LlmCall(
        input=LlmInput(messages=tuple(Message(role="user", content=text) for text in said)),
        output=LlmOutput(content=answer, tool_calls=tuple(_request(ask) for ask in asks)),
        **more,
    )


def chat(body: dict[str, Any], *, answer: str | None = None, **http: Any) -> LlmCall:
    """A call with what the wire said, `body` being the request."""
    said = [Message(role=m["role"], content=m.get("content")) for m in body["messages"]]
    record = HttpRecord(
        format="openai_chat",
        url="https://api.openai.com/v1/chat/completions",
        request={"model": "gpt-5.2", **body},
        **http,
    )
    return LlmCall(
        input=LlmInput(model="gpt-5.2", messages=tuple(said)),
        output=LlmOutput(content=answer),
        http=record,
    )


def _request(ask: ToolCall) -> ToolRequest:
    return ToolRequest(
        function=ask.input.tool, arguments=ask.input.arguments, id=ask.input.tool_call_id
    )


def trace(*steps: Step | tuple[Step, ...]) -> Trace:
    """A trace of steps and of calls with their results."""
    flat = [s for each in steps for s in (each if isinstance(each, tuple) else (each,))]
    return Trace.of(flat)


def golden(recorded: Trace, **expected_outcome: Any) -> Golden:
    outcome = parse_outcome(expected_outcome)
    return Golden(name="g", test="test_g.py::test_g", trace=recorded, expected_outcome=outcome)


def difference(recorded: Trace, run: Trace, profile: str = "exact", **outcome: Any) -> Difference:
    return compare(golden(recorded, **outcome), run, profile=profile)


def told(rows: Iterable[StepPair]) -> list[tuple[str, str, int]]:
    """Op, code and number of each row."""
    return [(row.op, str(row.code), (row.golden or row.actual).step_number) for row in rows]


def check(found: Difference, name: str) -> Check:
    return next(each for each in found.checks if each.id == name)
