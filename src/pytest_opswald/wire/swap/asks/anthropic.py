"""Anthropic requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_opswald.wire.parts import tool_request
from pytest_opswald.wire.swap.fields import Fields, extras, is_strict, only, present
from pytest_opswald.wire.swap.talk import (
    Ask,
    CannotSend,
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

MAX_TOKENS = 8192
"""Anthropic insists on a limit; every model that is still offered takes this one."""

_REFUSED = {
    "container": "it is kept by the provider",
    "mcp_servers": "the provider calls them by itself",
    "context_management": "the provider edits the conversation by itself",
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


def write(ask: Ask, model: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The body, and what is left out of it."""
    ask = _reduced(ask)
    system = [part for turn in ask.turns if turn.role == "system" for part in turn.parts]
    others = merged(turn for turn in ask.turns if turn.role != "system")
    tools = [_offered(tool) for tool in ask.tools]
    choice = _chosen(ask.choice, ask.parallel)
    if not tools and (named := _called_names(others)):
        # A conversation that holds tool calls must offer tools, though none may be called.
        tools = [{"name": name, "input_schema": {"type": "object"}} for name in named]
        choice = {"type": "none"}
    return present(
        model=model,
        max_tokens=ask.max_tokens or MAX_TOKENS,
        system="\n\n".join(part.text for part in system if isinstance(part, Text)),
        messages=[_message(turn) for turn in others],
        tools=tools,
        tool_choice=choice if tools else None,
        output_config=present(format=_format(ask.shape)),
        temperature=ask.temperature,
        top_p=ask.top_p,
        stop_sequences=list(ask.stop),
        stream=ask.stream or None,
    ), ask.lost


def _reduced(ask: Ask) -> Ask:
    """Without what has no place here."""
    ask = ask.without("seed", "effort")
    lost = list(ask.lost)
    if ask.shape and ask.shape.schema is None:
        lost.append("the JSON mode")
    first = next((n for n, turn in enumerate(ask.turns) if turn.role != "system"), 0)
    if any(turn.role == "system" for turn in ask.turns[first:]):
        lost.append("the place of system messages within the conversation")
    media = (p for turn in ask.turns for p in turn.parts if isinstance(p, Media))
    if any(part.detail not in (None, "auto") for part in media):
        lost.append("the detail of images")
    return replace(ask, lost=tuple(lost))


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
                raise CannotSend(f"content of type {block.get('type')!r} has no counterpart")


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


def _message(turn: Turn) -> dict[str, Any]:
    """Results of tools come before anything else in a turn."""
    ordered = sorted(turn.parts, key=lambda part: not isinstance(part, ToolResult))
    return {"role": turn.role, "content": [_block(part) for part in ordered]}


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Media():
            return _shown(part)
        case ToolUse(call):
            arguments = call.arguments if isinstance(call.arguments, dict) else {}
            return {"type": "tool_use", "id": call.id, "name": call.function, "input": arguments}
        case ToolResult():
            content = [_block(one) for one in part.parts if one != Text("")]
            failed = present(is_error=part.is_error or None)
            return {
                "type": "tool_result",
                "tool_use_id": part.call_id,
                "content": content,
                **failed,
            }


def _shown(part: Media) -> dict[str, Any]:
    source = (
        {"type": "url", "url": part.url}
        if part.url
        else {"type": "base64", "media_type": part.media_type, "data": part.data}
    )
    kind = "image" if part.kind == "image" else "document"
    return {"type": kind, "source": source, **present(title=part.name)}


def _offered(tool: Tool) -> dict[str, Any]:
    described = present(name=tool.name, description=tool.description, strict=tool.strict or None)
    return {**described, "input_schema": {"type": "object", **tool.schema}}


def _chosen(choice: Choice | None, parallel: bool | None) -> dict[str, Any] | None:
    if choice is None and parallel is not False:
        return None
    choice = choice or Choice("auto")
    alone = parallel is False and choice.mode != "none"
    return present(type=choice.mode, name=choice.name, disable_parallel_tool_use=alone or None)


def _format(shape: Shape | None) -> dict[str, Any] | None:
    if shape is None or shape.schema is None:
        return None
    return {"type": "json_schema", "schema": shape.schema}


def _called_names(turns: Iterable[Turn]) -> list[str]:
    uses = (part for turn in turns for part in turn.parts if isinstance(part, ToolUse))
    return list(dict.fromkeys(use.call.function for use in uses))
