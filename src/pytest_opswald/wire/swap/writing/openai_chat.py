"""Chat completions requests, written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.parts import chat_limit
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
    body = present(
        model=model,
        messages=[message for turn in ask.turns for message in _messages(turn)],
        tools=[_offered(tool) for tool in ask.tools],
        response_format=_format(ask.shape),
        temperature=ask.temperature,
        top_p=ask.top_p,
        seed=ask.seed,
        stop=list(ask.stop),
        reasoning_effort=ask.reasoning_effort,
    )
    body |= present(**{chat_limit(model): ask.max_tokens})
    if ask.tools:  # without tools, saying how to choose is an error
        body |= present(tool_choice=_chosen(ask.choice), parallel_tool_calls=ask.parallel)
    if ask.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body, ask.lost


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    results = [part for part in turn.parts if isinstance(part, ToolResult)]
    spoken = [part for part in turn.parts if isinstance(part, Text | Media)]
    calls = [_called(part) for part in turn.parts if isinstance(part, ToolUse)]
    for result in results:
        yield {"role": "tool", "tool_call_id": result.call_id, "content": _told(result)}
    if spoken or calls:
        message: dict[str, Any] = {"role": turn.role, "content": _content(spoken, turn.role)}
        yield message | present(tool_calls=calls)


def _told(result: ToolResult) -> str:
    if any(isinstance(part, Media) for part in result.parts):
        raise CannotSend("a tool result holds an image, and chat completions take text there")
    text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
    return f"Error: {text}" if result.is_error else text


def _content(parts: list[Text | Media], role: Role) -> Any:
    if not parts:
        return None
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) == len(parts) and (len(texts) == 1 or role != "user"):
        return ("" if role == "assistant" else "\n\n").join(texts)
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
