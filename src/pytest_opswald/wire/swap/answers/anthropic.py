"""Anthropic answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.steps import SseEvent
from pytest_opswald.wire.swap.fields import dumped, present
from pytest_opswald.wire.swap.talk import Answer, Stop

_REASONS: Mapping[Stop, str] = {
    "end": "end_turn",
    "tools": "tool_use",
    "length": "max_tokens",
    "refusal": "refusal",
}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def write(answer: Answer, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The message object."""
    ended = {"stop_reason": _REASONS[answer.stop], "usage": _usage(answer)}
    return _begun(answer) | {"content": _blocks(answer, asked)} | ended


def stream(answer: Answer, asked: Mapping[str, Any]) -> Iterator[SseEvent]:
    """The events, named."""
    for event in _events(answer, asked):
        yield SseEvent(event=event["type"], data=event)


def write_error(status: int, message: str) -> dict[str, Any]:
    """The body of an error."""
    kind = _ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def _events(answer: Answer, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    usage = _usage(answer)
    begun = _begun(answer) | {"usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(_blocks(answer, asked)):
        begin, deltas = _grown(block)
        yield {"type": "content_block_start", "index": index, "content_block": begin}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": _REASONS[answer.stop], "stop_sequence": None}
    spent = {"output_tokens": usage["output_tokens"]}
    yield {"type": "message_delta", "delta": ended, "usage": spent}
    yield {"type": "message_stop"}


def _grown(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The block as it begins, and the pieces that complete it."""
    match block["type"]:
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case "thinking":
            thought = {"type": "thinking_delta", "thinking": block["thinking"]}
            return {**block, "thinking": ""}, [thought]
    pieces = {"type": "input_json_delta", "partial_json": dumped(block["input"])}
    return {**block, "input": {}}, [pieces]


def _begun(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _blocks(answer: Answer, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    # Agents that did not ask for thoughts take the first block for the text.
    if answer.reasoning and (asked.get("thinking") or {}).get("type") not in (None, "disabled"):
        blocks.append({"type": "thinking", "thinking": answer.reasoning, "signature": ""})
    if text := answer.text or answer.refusal:
        blocks.append({"type": "text", "text": text})
    return [
        *blocks,
        *(
            {"type": "tool_use", "id": call.id, "name": call.function, "input": call.arguments}
            for call in answer.calls
        ),
    ]


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    return {
        "input_tokens": max(tokens.input - tokens.cached - tokens.cache_write, 0),
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
        **present(
            output_tokens_details={"thinking_tokens": tokens.reasoning}
            if tokens.reasoning
            else None
        ),
    }
