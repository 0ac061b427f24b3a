"""Responses requests, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.parts import tool_request
from pytest_opswald.wire.swap.fields import (
    Fields,
    extras,
    file,
    foreign,
    is_strict,
    media,
    only,
    refuse_custom,
)
from pytest_opswald.wire.swap.talk import (
    Ask,
    Choice,
    Media,
    Role,
    Shape,
    Text,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
    merged,
)

_KEPT_THERE = "what it names is kept by the provider and cannot be sent elsewhere"
_REFUSED = {
    "previous_response_id": _KEPT_THERE,
    "conversation": _KEPT_THERE,
    "prompt": _KEPT_THERE,
    "background": "its answer is fetched later, from the provider that was asked",
}
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_BLOCK_KEYS = (
    *("type", "text", "refusal", "annotations", "logprobs"),
    *("image_url", "detail", "file_data", "file_url", "filename"),
)


def read(body: Mapping[str, Any]) -> Ask:
    """Raises CannotSend for what means nothing elsewhere."""
    said = Fields(body)
    said.refuse(_REFUSED)
    for key in ("model", "stream_options"):
        said.take(key)
    text, reasoning = Fields(said.take("text", {})), Fields(said.take("reasoning", {}))
    lost: dict[str, None] = {}
    return Ask(
        turns=merged([*_instructions(said), *_turns(said.take("input", []), lost)]),
        tools=tuple(_tool(tool, lost) for tool in said.take("tools", ())),
        choice=_choice(said.take("tool_choice")),
        parallel=said.take("parallel_tool_calls"),
        shape=_shape(text.take("format", {})),
        max_tokens=said.take("max_output_tokens"),
        temperature=said.take("temperature"),
        top_p=said.take("top_p"),
        seed=said.take("seed"),
        reasoning_effort=reasoning.take("effort"),
        stream=said.take("stream", False),
        lost=(
            *lost,
            *said.left,
            *(f"text.{key}" for key in text.left),
            *(f"reasoning.{key}" for key in reasoning.left),
        ),
    )


def _instructions(said: Fields) -> Iterator[Turn]:
    if text := said.take("instructions"):
        yield Turn("system", (Text(text),))


def _turns(asked: Any, lost: dict[str, None]) -> Iterator[Turn]:
    for item in [{"role": "user", "content": asked}] if isinstance(asked, str) else asked:
        match item.get("type", "message"):
            case "message":
                only(_ROLES, item["role"], "role =")
                yield Turn(_ROLES[item["role"]], tuple(_parts(item["content"], lost)))
            case "function_call":
                call = tool_request(item["name"], item.get("arguments"), item["call_id"])
                yield Turn("assistant", (ToolUse(call),))
            case "function_call_output":
                told = tuple(_parts(item["output"], lost))
                yield Turn("user", (ToolResult(item["call_id"], told),))
            case "reasoning":
                kind = "encrypted" if item.get("encrypted_content") else "earlier"
                lost[f"{kind} reasoning"] = None
            case kind:
                refuse_custom(item)
                raise CannotSend(f"an input item of type {kind!r} has no counterpart")


def _parts(content: Any, lost: dict[str, None]) -> Iterator[Text | Media]:
    for block in [{"type": "input_text", "text": content}] if isinstance(content, str) else content:
        lost |= extras(block, _BLOCK_KEYS)
        match block:
            case {"type": "input_text" | "output_text" | "text", "text": text}:
                yield Text(text)
            case {"type": "refusal", "refusal": text}:
                yield Text(text)
            case {"type": "input_image", "image_url": str(url), **how}:
                yield media("image", url, detail=how.get("detail"))
            case {"type": "input_file", "file_data": str(data), **how}:
                yield file(data, how.get("filename"))
            case {"type": "input_file", "file_url": str(url), **how}:
                yield media("file", url, name=how.get("filename"))
            case _:
                raise CannotSend(foreign(block))


def _tool(tool: Mapping[str, Any], lost: dict[str, None]) -> Tool:
    refuse_custom(tool)
    if tool.get("type") != "function":
        raise CannotSend(f"the tool {tool.get('type')!r} is run by the provider, or by its rules")
    said = Fields(tool)
    said.take("type")
    schema = said.take("parameters", {"type": "object", "properties": {}})
    # Unlike elsewhere, a tool is strict here unless it says otherwise, as far as its schema goes.
    strict = said.take("strict", is_strict(schema))
    read = Tool(said.take("name"), said.take("description"), schema, strict)
    lost |= dict.fromkeys(f"tools[].{key}" for key in said.left)
    return read


def _choice(choice: Any) -> Choice | None:
    match choice:
        case None:
            return None
        case "auto" | "none":
            return Choice(choice)
        case "required":
            return Choice("any")
        case {"type": "function", "name": str(name)}:
            return Choice("tool", name)
    raise CannotSend(f"tool_choice = {choice!r} has no counterpart")


def _shape(wanted: Mapping[str, Any]) -> Shape | None:
    match wanted.get("type", "text"):
        case "text":
            return None
        case "json_object":
            return Shape(None)
        case "json_schema":
            return Shape(wanted.get("schema") or {}, wanted.get("name"), wanted.get("strict"))
    raise CannotSend(f"text.format of type {wanted.get('type')!r} has no counterpart")
