"""Events of a streamed Anthropic message, folded into the message object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_opswald.trace.steps import SseEvent

from . import json_text

_PIECES = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def fold(events: Sequence[SseEvent]) -> tuple[dict[str, Any], bool]:
    """The message, and whether it ended: by `message_stop` or an error."""
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    complete = False
    for event in (event.data for event in events if isinstance(event.data, dict)):
        match event.get("type"):
            case "error":
                return {"error": event["error"]}, True
            case "message_start":
                message = dict(event["message"])
            case "content_block_start":
                blocks[event["index"]] = dict(event["content_block"])
            case "content_block_delta":
                _add(event["delta"], blocks[event["index"]])
            case "message_delta":
                message = _updated(message, event)
            case "message_stop":
                complete = True
    content = [_finished(blocks[index]) for index in sorted(blocks)]
    return {**message, "content": content}, complete


def _add(delta: Mapping[str, Any], block: dict[str, Any]) -> None:
    kind = delta["type"]
    if key := _PIECES.get(kind):
        block[key] = (block.get(key) or "") + delta[key]
    elif kind == "input_json_delta":
        block["partial_json"] = block.get("partial_json", "") + delta["partial_json"]
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or ()), delta["citation"]]


def _finished(block: dict[str, Any]) -> dict[str, Any]:
    """The block with its input parsed; left as text when it was cut or broken."""
    pieces = block.pop("partial_json", "")
    if not pieces:
        return block
    try:
        return {**block, "input": json_text.parse(pieces)}
    except ValueError:
        return {**block, "input": pieces}


def _updated(message: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Stop reason and the final counts; those that are not told again stay."""
    told = {key: count for key, count in (event.get("usage") or {}).items() if count is not None}
    return {**message, **event["delta"], "usage": {**(message.get("usage") or {}), **told}}
