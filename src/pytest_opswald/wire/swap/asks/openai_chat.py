"""Chat completions requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_opswald.wire.parts import tool_request
from pytest_opswald.wire.swap.fields import Fields, data_url, dumped, extras, media, only, present
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

_REFUSED = {
    "functions": "they are deprecated; offer tools instead",
    "function_call": "it is deprecated; use tool_choice instead",
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
    said = Fields(body)
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
        tools=tuple(map(_tool, said.take("tools", ()))),
        choice=_choice(said.take("tool_choice")),
        parallel=said.take("parallel_tool_calls"),
        shape=_shape(said.take("response_format", {})),
        max_tokens=limit or former_limit,
        temperature=said.take("temperature"),
        top_p=said.take("top_p"),
        seed=said.take("seed"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        effort=said.take("reasoning_effort"),
        stream=said.take("stream", False),
        lost=(*lost, *said.left),
    )


def write(ask: Ask, model: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The body, and what is left out of it."""
    body = present(
        model=model,
        messages=[message for turn in ask.turns for message in _messages(turn)],
        tools=[_offered(tool) for tool in ask.tools],
        response_format=_format(ask.shape),
        max_completion_tokens=ask.max_tokens,
        temperature=ask.temperature,
        top_p=ask.top_p,
        seed=ask.seed,
        stop=list(ask.stop),
        reasoning_effort=ask.effort,
    )
    if ask.tools:  # without tools, saying how to choose is an error
        body |= present(tool_choice=_chosen(ask.choice), parallel_tool_calls=ask.parallel)
    if ask.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body, ask.lost


def _turn(message: Mapping[str, Any], lost: dict[str, None]) -> Turn:
    said = Fields(message)
    role = said.take("role")
    only(_ROLES, role, "role =")
    said.refuse({"function_call": "it is deprecated", "audio": "speech does not carry over"})
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
                yield media("file", data, name=how.get("filename"))
            case _:
                raise CannotSend(f"content of type {block.get('type')!r} has no counterpart")


def _plain(parts: Iterable[Part]) -> tuple[Text | Media, ...]:
    return tuple(part for part in parts if isinstance(part, Text | Media))


def _call(call: Mapping[str, Any]) -> ToolUse:
    only(("function",), call.get("type", "function"), "tool calls of type")
    function = call["function"]
    return ToolUse(tool_request(function["name"], function.get("arguments"), call["id"]))


def _tool(tool: Mapping[str, Any]) -> Tool:
    only(("function",), tool.get("type"), "tools of type")
    function = tool["function"]
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    return Tool(function["name"], function.get("description"), schema, function.get("strict"))


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


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    results = [part for part in turn.parts if isinstance(part, ToolResult)]
    spoken = [part for part in turn.parts if isinstance(part, Text | Media)]
    calls = [_called(part) for part in turn.parts if isinstance(part, ToolUse)]
    for result in results:
        yield {"role": "tool", "tool_call_id": result.call_id, "content": _told(result)}
    if spoken or calls:
        message: dict[str, Any] = {"role": turn.role, "content": _content(spoken)}
        yield message | present(tool_calls=calls)


def _told(result: ToolResult) -> str:
    if any(isinstance(part, Media) for part in result.parts):
        raise CannotSend("a tool result holds an image, and chat completions take text there")
    text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
    return f"Error: {text}" if result.is_error else text


def _content(parts: list[Text | Media]) -> Any:
    match parts:
        case []:
            return None
        case [Text(text)]:
            return text
    return [_block(part) for part in parts]


def _block(part: Text | Media) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if part.kind == "image":
        image = present(url=data_url(part), detail=part.detail)
        return {"type": "image_url", "image_url": image}
    if part.url:
        raise CannotSend("a file is given by URL, and chat completions take files only as data")
    file = {"filename": part.name or "file", "file_data": data_url(part)}
    return {"type": "file", "file": file}


def _called(use: ToolUse) -> dict[str, Any]:
    function = {"name": use.call.function, "arguments": dumped(use.call.arguments)}
    return {"id": use.call.id, "type": "function", "function": function}


def _offered(tool: Tool) -> dict[str, Any]:
    described = present(name=tool.name, description=tool.description, strict=tool.strict)
    return {"type": "function", "function": {**described, "parameters": tool.schema}}


def _chosen(choice: Choice | None) -> Any:
    if choice is None or choice.mode in ("auto", "none"):
        return choice and choice.mode
    if choice.mode == "any":
        return "required"
    return {"type": "function", "function": {"name": choice.name}}


def _format(shape: Shape | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    if shape.schema is None:
        return {"type": "json_object"}
    how = present(name=shape.name or "answer", strict=shape.strict)
    return {"type": "json_schema", "json_schema": {**how, "schema": shape.schema}}
