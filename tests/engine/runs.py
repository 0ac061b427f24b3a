"""Runs without any client: requests and answers handed to an engine by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.engine.assembly import Clock
from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.scope import Scope
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.trace import Trace

CLOCK = Clock(datetime(2026, 11, 21, tzinfo=UTC), 0)
URL = "https://api.openai.com/v1/chat/completions"


def recorder() -> Recorder:
    return Recorder(scope=Scope(), clock=CLOCK, price=lambda call: None)


def replayer(trace: Trace, spec: ReplaySpec | None = None) -> Replayer:
    golden = Golden(name="refund", test="test_it.py::test_refund", trace=trace)
    return Replayer(
        golden,
        spec or ReplaySpec(),
        scope=Scope(),
        clock=CLOCK,
        price=lambda call: None,
        variables={},
    )


def ask(
    *said: str, model: str = "gpt-5.2", tools: Sequence[dict[str, Any]] = (), **more: Any
) -> Request:
    """A chat request: user and assistant in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(said)]
    return chat({"model": model, "messages": [*messages, *tools], **more})


def chat(body: dict[str, Any]) -> Request:
    return Request("POST", URL, (), json.dumps(body).encode())


def say(text: str | None, *calls: tuple[str, str, dict[str, Any]], at_ns: int = 1) -> Response:
    """A chat answer: text, and tool calls as id, name, arguments."""
    asked = [
        {"id": i, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
        for i, name, given in calls
    ]
    message = {"role": "assistant", "content": text, **({"tool_calls": asked} if asked else {})}
    body = {
        "model": "gpt-5.2-2026-01-01",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    }
    return answer(200, body, at_ns=at_ns)


def answer(status: int, body: Any, *, at_ns: int = 1) -> Response:
    headers = (("content-type", "application/json"),)
    return Response(status, headers, (json.dumps(body).encode(),), arrived_ns=at_ns, ended_ns=at_ns)


def result(call_id: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def recorded(*exchanges: tuple[Request, Response | Failure]) -> Trace:
    """A trace of calls made one after another."""
    engine = recorder()
    for request, response in exchanges:
        engine.on_request(request)
        engine.on_response(request, later(response))
    return engine.trace()


def later(response: Response | Failure) -> Response | Failure:
    """The same answer, arriving now."""
    import time

    now = time.monotonic_ns()
    return replace(response, arrived_ns=now, ended_ns=now)


def run_tool(
    engine: Recorder | Replayer, name: str, body: Callable[[], Any], **arguments: Any
) -> Any:
    """What the tool decorator does, for JSON values."""
    use = ToolUse(name, arguments)
    if served := engine.on_tool_call(use):
        return served.value
    value = body()
    engine.on_tool_result(use, ToolOutcome(value=value, ended_ns=1))
    return value


def text_of(response: object) -> str:
    """What the LLM said in a served response."""
    assert isinstance(response, Response)
    return str(json.loads(response.body)["choices"][0]["message"]["content"])
