"""Anthropic requests, read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.parts import tool_request
from pytest_opswald.wire.swap.fields import Fields, extras, foreign, is_strict, only
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

_REFUSED = {
    "container": "it is kept by the provider",
    "mcp_servers": "the provider calls them by itself",
}
_ROLES: Mapping[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
_BLOCK_KEYS = (
    *("type", "text", "source", "title", "id", "name", "input"),
    *("tool_use_id", "content", "is_error", "thinking", "signature", "data"),
)


def read(body: Mapping[str, Any]) -> Ask:
    """Raises CannotSend for what means nothing elsewhere."""
    said = Fields(body)
    said.refuse(_REFUSED)
    said.take("model")
    output = Fields(said.take("output_config", {}))
    lost: dict[str, None] = {}
    choice = said.take("tool_choice", {})
    turns = merged([*_system(said, lost), *_turns(said.take("messages", []), lost)])
    if turns and turns[-1].role == "assistant":
        raise CannotSend("the answer's beginning is given (prefilled), which no other API takes")
    return Ask(
        turns=turns,
        tools=tuple(_tool(tool, lost) for tool in said.take("tools", ())),
        choice=_choice(choice),
        parallel=False if choice.get("disable_parallel_tool_use") else None,
        shape=_shape(output.take("format") or said.take("output_format", {})),
        max_tokens=said.take("max_tokens"),
        temperature=said.take("temperature"),
        top_p=said.take("top_p"),
        stop=tuple(said.take("stop_sequences", ())),
        stream=said.take("stream", False),
        lost=(*lost, *said.left, *(f"output_config.{key}" for key in output.left)),
    )


def _system(said: Fields, lost: dict[str, None]) -> Iterator[Turn]:
    if system := said.take("system"):
        yield Turn("system", tuple(_parts(system, lost)))


def _turns(messages: Iterable[Mapping[str, Any]], lost: dict[str, None]) -> Iterator[Turn]:
    for message in messages:
        only(_ROLES, message["role"], "role =")
        yield Turn(_ROLES[message["role"]], tuple(_parts(message["content"], lost)))


def _parts(content: Any, lost: dict[str, None]) -> Iterator[Part]:
    for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        lost |= extras(block, _BLOCK_KEYS)
        match block:
            case {"type": "text", "text": text}:
                yield Text(text)
            case {"type": "image" | "document"}:
                yield _media(block)
            case {"type": "tool_use"}:
                yield ToolUse(tool_request(block["name"], block["input"], block["id"]))
            case {"type": "tool_result"}:
                yield _result(block, lost)
            case {"type": "thinking" | "redacted_thinking"}:
                lost["thinking and its signatures"] = None
            case _:
                raise CannotSend(foreign(block))


def _media(block: Mapping[str, Any]) -> Text | Media:
    kind: Any = "image" if block["type"] == "image" else "file"
    match source := block["source"]:
        case {"type": "base64", "media_type": media_type, "data": data}:
            return Media(kind, media_type, data, name=block.get("title"))
        case {"type": "url", "url": url}:
            return Media(kind, url=url, name=block.get("title"))
        case {"type": "text", "data": text}:
            return Text(text)
    raise CannotSend(f"a source of type {source.get('type')!r} is kept by the provider")


def _result(block: Mapping[str, Any], lost: dict[str, None]) -> ToolResult:
    told = _parts(block.get("content") or (), lost)
    parts = tuple(part for part in told if isinstance(part, Text | Media))
    return ToolResult(block["tool_use_id"], parts, bool(block.get("is_error")))


def _tool(tool: Mapping[str, Any], lost: dict[str, None]) -> Tool:
    if tool.get("type") not in (None, "custom"):
        raise CannotSend(f"the tool {tool['type']!r} is run by the provider, or by its rules")
    said = Fields(tool)
    said.take("type")
    schema = said.take("input_schema", {})
    strict = said.take("strict")
    read = Tool(said.take("name"), said.take("description"), schema, strict)
    lost |= dict.fromkeys(f"tools[].{key}" for key in said.left)
    return read


def _choice(choice: Mapping[str, Any]) -> Choice | None:
    kind = choice.get("type")
    if kind in (None, "auto", "any", "none", "tool"):
        return Choice(kind, choice.get("name")) if kind else None
    raise CannotSend(f"tool_choice of type {kind!r} has no counterpart")


def _shape(wanted: Mapping[str, Any]) -> Shape | None:
    if not wanted:
        return None
    only(("json_schema",), wanted.get("type"), "output_config.format of type")
    return Shape(wanted["schema"], strict=is_strict(wanted["schema"]))
