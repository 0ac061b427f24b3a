"""Chat completions answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.steps import SseEvent, ToolRequest
from pytest_opswald.wire.swap.fields import dumped, present
from pytest_opswald.wire.swap.talk import Answer, Stop

_REASONS: Mapping[Stop, str] = {
    "end": "stop",
    "tools": "tool_calls",
    "length": "length",
    "refusal": "content_filter",
}


def write(answer: Answer, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The completion object."""
    message = {
        "role": "assistant",
        "content": None if answer.refusal else answer.text,
        "refusal": answer.refusal,
        **present(reasoning_content=answer.reasoning),
        **_calls(answer, asked),
    }
    choice = _choice("message", message, _reason(answer, asked))
    return _head(answer, "chat.completion") | {"choices": [choice], "usage": _usage(answer)}


def stream(answer: Answer, asked: Mapping[str, Any]) -> Iterator[SseEvent]:
    """The chunks."""
    head = _head(answer, "chat.completion.chunk")
    for delta in _deltas(answer, asked):
        yield SseEvent(data={**head, "choices": [_choice("delta", delta, None)]})
    last = {**head, "choices": [_choice("delta", {}, _reason(answer, asked))]}
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield SseEvent(data=last)
        yield SseEvent(data={**head, "choices": [], "usage": _usage(answer)})
    else:  # agents take every chunk to have a choice, and the trace is to know the tokens
        yield SseEvent(data={**last, "usage": _usage(answer)})
    yield SseEvent(data="[DONE]")


def write_error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _reason(answer: Answer, asked: Mapping[str, Any]) -> str:
    of_functions = answer.stop == "tools" and asked.get("functions")
    return "function_call" if of_functions else _REASONS[answer.stop]


def _calls(answer: Answer, asked: Mapping[str, Any]) -> dict[str, Any]:
    calls = [_call(call) for call in answer.calls]
    if calls and asked.get("functions"):  # one at a time, as the target was told
        return {"function_call": calls[0]["function"]}
    return present(tool_calls=calls)


def _deltas(answer: Answer, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    if answer.reasoning:
        yield {"reasoning_content": answer.reasoning}
    if answer.refusal:
        yield {"refusal": answer.refusal}
    elif answer.text:
        yield {"content": answer.text}
    calls = _calls(answer, asked)
    if function := calls.get("function_call"):
        yield {"function_call": {**function, "arguments": ""}}
        yield {"function_call": {"arguments": function["arguments"]}}
    for index, whole in enumerate(calls.get("tool_calls", ())):
        begun = {**whole["function"], "arguments": ""}
        yield {"tool_calls": [{"index": index, **whole, "function": begun}]}
        rest = {"arguments": whole["function"]["arguments"]}
        yield {"tool_calls": [{"index": index, "function": rest}]}


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    about = {"id": f"chatcmpl-{answer.id}", "object": kind, "created": int(time.time())}
    return {**about, "model": answer.model}


def _choice(key: str, said: dict[str, Any], reason: str | None) -> dict[str, Any]:
    return {"index": 0, key: said, "logprobs": None, "finish_reason": reason}


def _call(call: ToolRequest) -> dict[str, Any]:
    function = {"name": call.function, "arguments": dumped(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            **present(cache_write_tokens=tokens.cache_write or None),
        },
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning},
    }
