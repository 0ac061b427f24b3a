"""Chat completions requests, read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.parts import tool_request
from pytest_opswald.wire.swap.fields import (
    Fields,
    extras,
    file,
    foreign,
    media,
    only,
    refuse_custom,
)
from pytest_opswald.wire.swap.talk import (
    Ask,
    Choice,
    Media,
    Part,
    Role,
    Shape,
    Text,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
    merged,
)

from .openai_functions import modern

_REFUSED = {
    "audio": "spoken answers do not carry over",
    "web_search_options": "the provider searches by itself, which no other does in its place",
}
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "user",
}
_BLOCK_KEYS = ("type", "text", "refusal", "image_url", "file")


def read(body: Mapping[str, Any]) -> Ask:
    """Raises CannotSend for what means nothing elsewhere."""
    said = Fields(modern(body))
    said.refuse(_REFUSED)
    only((1,), said.take("n", 1), "n =")
    only((["text"],), said.take("modalities", ["text"]), "modalities =")
    for key in ("model", "stream_options"):
        said.take(key)
    limit, former_limit = said.take("max_completion_tokens"), said.take("max_tokens")
    stop = said.take("stop", ())
    lost: dict[str, None] = {}
    return Ask(
        turns=merged([_turn(message, lost) for message in said.take("messages", [])]),
        tools=tuple(_tool(tool, lost) for tool in said.take("tools", ())),
        choice=_choice(said.take("tool_choice")),
        parallel=said.take("parallel_tool_calls"),
        shape=_shape(said.take("response_format", {})),
        max_tokens=limit or former_limit,
        temperature=said.take("temperature"),
        top_p=said.take("top_p"),
        seed=said.take("seed"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        reasoning_effort=said.take("reasoning_effort"),
        stream=said.take("stream", False),
        lost=(*lost, *said.left),
    )


def _turn(message: Mapping[str, Any], lost: dict[str, None]) -> Turn:
    said = Fields(message)
    role = said.take("role")
    only(_ROLES, role, "role =")
    said.refuse({"audio": "speech does not carry over"})
    parts = tuple(_parts(said.take("content", ()), lost))
    if role == "tool":
        parts = (ToolResult(said.take("tool_call_id"), _plain(parts)),)
    if refusal := said.take("refusal"):
        parts = (*parts, Text(refusal))
    calls = tuple(map(_call, said.take("tool_calls", ())))
    lost |= dict.fromkeys(f"messages[].{key}" for key in said.left)
    return Turn(_ROLES[role], (*parts, *calls))


def _parts(content: Any, lost: dict[str, None]) -> Iterator[Part]:
    for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        lost |= extras(block, _BLOCK_KEYS)
        match block:
            case {"type": "text", "text": text} | {"type": "refusal", "refusal": text}:
                yield Text(text)
            case {"type": "image_url", "image_url": {"url": url, **how}}:
                yield media("image", url, detail=how.get("detail"))
            case {"type": "file", "file": {"file_data": data, **how}}:
                yield file(data, how.get("filename"))
            case _:
                raise CannotSend(foreign(block))


def _plain(parts: Iterable[Part]) -> tuple[Text | Media, ...]:
    return tuple(part for part in parts if isinstance(part, Text | Media))


def _call(call: Mapping[str, Any]) -> ToolUse:
    refuse_custom(call)
    only(("function",), call.get("type", "function"), "tool calls of type")
    function = call["function"]
    return ToolUse(tool_request(function["name"], function.get("arguments"), call["id"]))


def _tool(tool: Mapping[str, Any], lost: dict[str, None]) -> Tool:
    refuse_custom(tool)
    only(("function",), tool.get("type", "function"), "tools of type")
    said = Fields(tool["function"])
    schema = said.take("parameters", {"type": "object", "properties": {}})
    read = Tool(said.take("name"), said.take("description"), schema, said.take("strict"))
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
        case {"type": "function", "function": {"name": str(name)}}:
            return Choice("tool", name)
    raise CannotSend(f"tool_choice = {choice!r} has no counterpart")


def _shape(wanted: Mapping[str, Any]) -> Shape | None:
    match wanted.get("type", "text"):
        case "text":
            return None
        case "json_object":
            return Shape(None)
        case "json_schema":
            how = wanted["json_schema"]
            return Shape(how.get("schema") or {}, how.get("name"), how.get("strict"))
    raise CannotSend(f"response_format of type {wanted.get('type')!r} has no counterpart")
