"""Responses requests, written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.swap.fields import (
    data_url,
    dumped,
    present,
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
        reasoning=present(effort=ask.reasoning_effort),
    )
    if ask.tools:
        body |= present(tool_choice=_chosen(ask.choice), parallel_tool_calls=ask.parallel)
    # Nothing is asked for by its id later, so nothing has to be kept there.
    return body | {"store": False} | present(stream=ask.stream or None), ask.lost


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
    texts = [part.text for part in result.parts if isinstance(part, Text)]
    failed = "Error: " if result.is_error else ""
    if len(texts) == len(result.parts):
        return failed + "\n".join(texts)
    begin = [Text(failed)] if failed else []
    return [_block(part) for part in (*begin, *result.parts)]


def _content(parts: list[Text | Media], role: Role) -> Any:
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) == len(parts) and (len(texts) == 1 or role != "user"):
        return ("" if role == "assistant" else "\n\n").join(texts)
    return [_block(part) for part in parts]


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
