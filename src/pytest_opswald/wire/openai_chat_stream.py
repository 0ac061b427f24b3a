"""Chunks of a streamed chat completion, folded into the object that an unstreamed one sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_opswald.trace.steps import SseEvent

_SPOKEN = ("content", "refusal", "reasoning", "reasoning_content")
"""What comes in pieces."""


def fold(events: Sequence[SseEvent]) -> tuple[dict[str, Any], bool]:
    """The whole completion, and whether it ended: by `[DONE]`, a finish reason or an error."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in (event.data for event in events if isinstance(event.data, dict)):
        if chunk.get("error"):
            return {"error": chunk["error"]}, True
        if chunk.get("model"):
            whole["model"] = chunk["model"]
        if usage := chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage"):
            whole["usage"] = usage
        for part in chunk.get("choices") or ():
            _add(part, choices.setdefault(part.get("index") or 0, {"content": None, "calls": {}}))
    whole["choices"] = [_choice(index, choices[index]) for index in sorted(choices)]
    finished = any(choice["finish_reason"] for choice in whole["choices"])
    return whole, finished or any(event.data == "[DONE]" for event in events)


def _choice(index: int, gathered: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", **gathered}
    reason = message.pop("finish_reason", None)
    if calls := message.pop("calls"):
        message["tool_calls"] = list(calls.values())
    return {"index": index, "message": message, "finish_reason": reason}


def _add(part: Mapping[str, Any], gathered: dict[str, Any]) -> None:
    delta = part.get("delta") or {}
    for key in _SPOKEN:
        if delta.get(key):
            gathered[key] = _extended(gathered.get(key), delta[key])
    for piece in delta.get("tool_calls") or ():
        _add_call(piece, gathered["calls"])
    if legacy := delta.get("function_call"):
        _add_pieces(legacy, gathered.setdefault("function_call", {}))
    if part.get("finish_reason"):
        gathered["finish_reason"] = part["finish_reason"]


def _add_call(piece: Mapping[str, Any], calls: dict[int, dict[str, Any]]) -> None:
    call = calls.setdefault(_index(piece, calls), {"id": None, "type": "function"})
    for key in ("id", "type"):
        if piece.get(key):
            call[key] = piece[key]
    for kind in ("function", "custom"):
        if piece.get(kind):
            _add_pieces(piece[kind], call.setdefault(kind, {}))


def _index(piece: Mapping[str, Any], calls: Mapping[int, Any]) -> int:
    """Which call a piece belongs to; where a provider sends no index, an id begins a new one."""
    index: int | None = piece.get("index")
    if index is not None:
        return index
    return len(calls) if piece.get("id") or not calls else len(calls) - 1


def _add_pieces(piece: Mapping[str, Any], whole: dict[str, Any]) -> None:
    for key, text in piece.items():
        repeated = key == "name" and whole.get(key) == text
        if isinstance(text, str) and not repeated:
            whole[key] = whole.get(key, "") + text


def _extended(old: Any, new: Any) -> Any:
    """Text goes on as text; Mistral's blocks of thought and text go on as blocks."""
    if old is None:
        return new
    if isinstance(old, str) and isinstance(new, str):
        return old + new
    return _blocks(old) + _blocks(new)


def _blocks(content: Any) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
