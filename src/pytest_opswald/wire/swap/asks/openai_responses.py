"""Responses requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        tools=tuple(map(_tool, said.take("tools", ()))),
        choice=_choice(said.take("tool_choice")),
        parallel=said.take("parallel_tool_calls"),
        shape=_shape(text.take("format", {})),
        max_tokens=said.take("max_output_tokens"),
        temperature=said.take("temperature"),
        top_p=said.take("top_p"),
        seed=said.take("seed"),
        effort=reasoning.take("effort"),
        stream=said.take("stream", False),
        lost=(
            *lost,
            *said.left,
            *(f"text.{key}" for key in text.left),
            *(f"reasoning.{key}" for key in reasoning.left),
        ),
    )


def write(ask: Ask, model: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The body, and what is left out of it."""
    if ask.stop:
        raise CannotSend("stop sequences: the responses API has none")
    ask = ask.without("seed")
    body = present(
        model=model,
        input=[item for turn in ask.turns for item in _items(turn)],
        tools=[_offered(tool) for tool in ask.tools],
        text=present(format=_format(ask.shape)),
        max_output_tokens=ask.max_tokens,
        temperature=ask.temperature,
        top_p=ask.top_p,
        reasoning=present(effort=ask.effort),
    )
    if ask.tools:
        body |= present(tool_choice=_chosen(ask.choice), parallel_tool_calls=ask.parallel)
    # Nothing is asked for by its id later, so nothing has to be kept there.
    return body | {"store": False} | present(stream=ask.stream or None), ask.lost


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
                lost["encrypted reasoning"] = None
            case kind:
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
            case {"type": "input_file", "file_data": str(url), **how}:
                yield media("file", url, name=how.get("filename"))
            case {"type": "input_file", "file_url": str(url), **how}:
                yield media("file", url, name=how.get("filename"))
            case _:
                raise CannotSend(f"content of type {block.get('type')!r} has no counterpart")


def _tool(tool: Mapping[str, Any]) -> Tool:
    if tool.get("type") != "function":
        raise CannotSend(f"the tool {tool.get('type')!r} is run by the provider, or by its rules")
    schema = tool.get("parameters") or {"type": "object", "properties": {}}
    return Tool(tool["name"], tool.get("description"), schema, tool.get("strict"))


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


def _items(turn: Turn) -> Iterator[dict[str, Any]]:
    """Tool results first; then what was said; then calls."""
    for part in turn.parts:
        if isinstance(part, ToolResult):
            output = {"call_id": part.call_id, "output": _told(part)}
            yield {"type": "function_call_output", **output}
    spoken = [part for part in turn.parts if isinstance(part, Text | Media)]
    if spoken:
        yield {"role": turn.role, "content": _content(spoken, turn.role)}
    for part in turn.parts:
        if isinstance(part, ToolUse):
            call = {"call_id": part.call.id, "name": part.call.function}
            yield {"type": "function_call", **call, "arguments": dumped(part.call.arguments)}


def _told(result: ToolResult) -> Any:
    parts = (Text("Error:"), *result.parts) if result.is_error else result.parts
    if all(isinstance(part, Text) for part in parts):
        return ("\n" if not result.is_error else " ").join(_text(part) for part in parts)
    return [_block(part) for part in parts]


def _content(parts: list[Text | Media], role: Role) -> Any:
    if all(isinstance(part, Text) for part in parts) and (len(parts) == 1 or role == "assistant"):
        return "".join(_text(part) for part in parts)
    return [_block(part) for part in parts]


def _text(part: Part) -> str:
    return part.text if isinstance(part, Text) else ""


def _block(part: Text | Media) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "input_text", "text": part.text}
    if part.kind == "image":
        return {
            "type": "input_image",
            "detail": part.detail or "auto",
            "image_url": data_url(part),
        }
    if part.url:
        return {"type": "input_file", "file_url": part.url}
    return {"type": "input_file", "filename": part.name or "file", "file_data": data_url(part)}


def _offered(tool: Tool) -> dict[str, Any]:
    # Unlike elsewhere, a tool here is strict unless it says otherwise.
    described = present(name=tool.name, description=tool.description)
    strict = bool(tool.strict)
    return {"type": "function", **described, "parameters": tool.schema, "strict": strict}


def _chosen(choice: Choice | None) -> Any:
    if choice is None or choice.mode in ("auto", "none"):
        return choice and choice.mode
    return "required" if choice.mode == "any" else {"type": "function", "name": choice.name}


def _format(shape: Shape | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    if shape.schema is None:
        return {"type": "json_object"}
    how = present(name=shape.name or "answer", strict=shape.strict)
    return {"type": "json_schema", **how, "schema": shape.schema}
