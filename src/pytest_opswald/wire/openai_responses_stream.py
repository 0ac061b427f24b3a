"""Events of a streamed response, folded into the response object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_opswald.trace.steps import SseEvent

_TERMINAL = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_PIECES = {
    "response.function_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
}
_PARTS = {
    "response.output_text.delta": ("output_text", "text"),
    "response.refusal.delta": ("refusal", "refusal"),
    "response.reasoning_text.delta": ("reasoning_text", "text"),
}


def fold(events: Sequence[SseEvent]) -> tuple[dict[str, Any], bool]:
    """The response and whether it ended; what was gathered so far when it did not."""
    response: dict[str, Any] = {}
    output: dict[int, dict[str, Any]] = {}
    complete = False
    for event in (event.data for event in events if isinstance(event.data, dict)):
        kind = event.get("type")
        if kind == "error" or (kind is None and event.get("error")):
            return {"error": event.get("error") or event}, True
        if "response" in event:
            response = event["response"]
        complete = complete or kind in _TERMINAL
        _gather(event, output)
    gathered = [output[index] for index in sorted(output)]
    return {**response, "output": response.get("output") or gathered}, complete


def _gather(event: Mapping[str, Any], output: dict[int, dict[str, Any]]) -> None:
    kind = str(event.get("type"))
    if kind in ("response.output_item.added", "response.output_item.done"):
        output[event["output_index"]] = dict(event["item"])
    elif item := output.get(event.get("output_index", -1)):
        if key := _PIECES.get(kind):
            item[key] = (item.get(key) or "") + event["delta"]
        elif kind in _PARTS:
            _add_to_part(item, *_PARTS[kind], event)


def _add_to_part(item: dict[str, Any], kind: str, key: str, event: Mapping[str, Any]) -> None:
    parts = item["content"] = list(item.get("content") or ())
    if len(parts) <= event["content_index"]:
        parts.append({"type": kind, key: ""})
    parts[-1] = {**parts[-1], key: parts[-1][key] + event["delta"]}
