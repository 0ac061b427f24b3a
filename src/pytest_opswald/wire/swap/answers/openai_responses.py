"""Responses answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.steps import SseEvent, ToolRequest
from pytest_opswald.wire.swap.fields import dumped
from pytest_opswald.wire.swap.talk import Answer

_ECHOED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
}
"""What a response repeats of its request, with the defaults."""

Event = dict[str, Any]


def write(answer: Answer, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The response object."""
    whole = _response(answer, asked, "incomplete" if answer.stop == "length" else "completed")
    details = {"reason": "max_output_tokens"} if answer.stop == "length" else None
    ended = {"output": _items(answer), "usage": _usage(answer), "incomplete_details": details}
    return whole | ended


def stream(answer: Answer, asked: Mapping[str, Any]) -> Iterator[SseEvent]:
    """The events, numbered."""
    for number, event in enumerate(_events(answer, asked)):
        yield SseEvent(event=event["type"], data={**event, "sequence_number": number})


def write_error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _events(answer: Answer, asked: Mapping[str, Any]) -> Iterator[Event]:
    begun = _response(answer, asked, "in_progress")
    for moment in ("created", "in_progress"):
        yield {"type": f"response.{moment}", "response": begun}
    for index, item in enumerate(_items(answer)):
        place = {"item_id": item["id"], "output_index": index}
        begin = {**item, "status": "in_progress", **_EMPTY[item["type"]]}
        yield {"type": "response.output_item.added", "output_index": index, "item": begin}
        for event in _growth(item):
            yield {**event, **place}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    whole = write(answer, asked)
    yield {"type": f"response.{whole['status']}", "response": whole}


_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "reasoning": {"summary": []},
}


def _growth(item: Event) -> Iterator[Event]:
    match item["type"]:
        case "message":
            yield from _spoken(item["content"][0])
        case "function_call":
            said = {"name": item["name"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.delta", "delta": said["arguments"]}
            yield {"type": "response.function_call_arguments.done", **said}
        case "reasoning":
            yield from _thought(item["summary"][0])


def _spoken(part: Event) -> Iterator[Event]:
    key = "refusal" if part["type"] == "refusal" else "text"
    more: Event = {"logprobs": []} if key == "text" else {}
    at = {"content_index": 0}
    yield {"type": "response.content_part.added", **at, "part": {**part, key: ""}}
    yield {"type": f"response.{part['type']}.delta", **at, "delta": part[key], **more}
    yield {"type": f"response.{part['type']}.done", **at, key: part[key], **more}
    yield {"type": "response.content_part.done", **at, "part": part}


def _thought(part: Event) -> Iterator[Event]:
    at, of = {"summary_index": 0}, "response.reasoning_summary"
    yield {"type": f"{of}_part.added", **at, "part": {**part, "text": ""}}
    yield {"type": f"{of}_text.delta", **at, "delta": part["text"]}
    yield {"type": f"{of}_text.done", **at, "text": part["text"]}
    yield {"type": f"{of}_part.done", **at, "part": part}


def _response(answer: Answer, asked: Mapping[str, Any], status: str) -> dict[str, Any]:
    echoed = {
        key: asked[key] if asked.get(key) is not None else usual for key, usual in _ECHOED.items()
    }
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": answer.model,
        "output": [],
        "usage": None,
        **echoed,
    }


def _items(answer: Answer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if answer.reasoning:
        thought = [{"type": "summary_text", "text": answer.reasoning}]
        items.append({"id": f"rs_{answer.id}", "type": "reasoning", "summary": thought})
    if part := _part(answer):
        message = {"id": f"msg_{answer.id}", "type": "message", "role": "assistant"}
        items.append({**message, "status": "completed", "content": [part]})
    return [*items, *(_call(call, f"fc_{answer.id}{n}") for n, call in enumerate(answer.calls))]


def _part(answer: Answer) -> dict[str, Any] | None:
    if answer.refusal:
        return {"type": "refusal", "refusal": answer.refusal}
    if not answer.text:
        return None
    return {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}


def _call(call: ToolRequest, item_id: str) -> dict[str, Any]:
    item = {"id": item_id, "type": "function_call", "status": "completed", "call_id": call.id}
    return {**item, "name": call.function, "arguments": dumped(call.arguments)}


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    asked = {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.cache_write}
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": asked,
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }
