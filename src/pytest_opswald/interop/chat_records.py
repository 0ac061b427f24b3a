"""What the wire would have said, had an LLM call been made through OpenAI's chat completions.

Traces from elsewhere hold messages and answers, not requests and responses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_opswald.api.steps import Step
from pytest_opswald.errors import NotReplayable
from pytest_opswald.trace.steps import HttpRecord

URL = "https://api.openai.com/v1/chat/completions"
_SETTINGS = ("model", "temperature", "max_tokens", "top_p", "seed", "response_format")


def chat_record(step: Step) -> HttpRecord:
    """Request and response of an LLM call. Raises NotReplayable without messages or answer."""
    said = step.input if isinstance(step.input, Mapping) else {}
    if not said.get("messages"):
        raise NotReplayable(
            f"{step.id} does not say what the LLM was asked: the trace can be viewed, not replayed"
        )
    if step.error:
        return _failed(step, _request(said))
    return HttpRecord(format="openai_chat", url=URL, request=_request(said), body=_body(step, said))


def _failed(step: Step, request: dict[str, Any]) -> HttpRecord:
    assert step.error
    told = {"error": {"message": step.error.message, "type": step.error.type}}
    return HttpRecord(format="openai_chat", url=URL, request=request, status=400, body=told)


def _request(said: Mapping[str, Any]) -> dict[str, Any]:
    settings = {name: said[name] for name in _SETTINGS if said.get(name) is not None}
    tools = [tool for tool in said.get("tools") or () if isinstance(tool, Mapping)]
    request = {**settings, "messages": list(_messages(said["messages"]))}
    return {**request, "tools": tools} if tools else request


def _messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """With the ids that tool calls and their results lack, given in order."""
    waiting: list[str] = []
    for place, message in enumerate(messages):
        calls = _tool_calls(message.get("tool_calls") or (), f"call_{place}")
        waiting += [call["id"] for call in calls]
        plain = {"role": message.get("role", "user"), "content": message.get("content")}
        if calls:
            plain["tool_calls"] = calls
        if plain["role"] == "tool":
            answers = message.get("tool_call_id") or (waiting[0] if waiting else f"call_{place}_0")
            waiting = [call_id for call_id in waiting if call_id != answers]
            plain["tool_call_id"] = answers
        yield plain


def _tool_calls(calls: Sequence[Mapping[str, Any]], prefix: str) -> list[dict[str, Any]]:
    """As the API shows them, or as OpenAI's messages hold them."""
    return [
        dict(call)
        if isinstance(call.get("function"), Mapping)
        else {
            "id": call.get("id") or f"{prefix}_{place}",
            "type": "function",
            "function": {
                "name": call.get("function"),
                "arguments": _text(call.get("arguments", {})),
            },
        }
        for place, call in enumerate(calls)
    ]


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _body(step: Step, said: Mapping[str, Any]) -> dict[str, Any]:
    told = step.output if isinstance(step.output, Mapping) else {}
    calls = _tool_calls(told.get("tool_calls") or (), f"call_{len(said['messages'])}")
    message = {"role": "assistant", "content": told.get("content")}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{step.id}",
        "object": "chat.completion",
        "created": int(step.timestamp.timestamp()),
        "model": told.get("model") or said.get("model"),
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": told.get("finish_reason") or ("tool_calls" if calls else "stop"),
            }
        ],
        **_usage(step),
    }


def _usage(step: Step) -> dict[str, Any]:
    if step.tokens is None:
        return {}
    asked, answered = step.tokens.input, step.tokens.output
    counts = {"prompt_tokens": asked, "completion_tokens": answered}
    return {"usage": {**counts, "total_tokens": asked + answered}}
