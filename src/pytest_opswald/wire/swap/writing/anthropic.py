"""Anthropic requests, written."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pytest_opswald.wire.swap.fields import present
from pytest_opswald.wire.swap.talk import (
    Ask,
    Choice,
    Media,
    Part,
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
    ask = ask.without("seed", "reasoning_effort")
    lost = list(ask.lost)
    if ask.shape and ask.shape.schema is None:
        lost.append("the JSON mode")
    first = next((n for n, turn in enumerate(ask.turns) if turn.role != "system"), 0)
    if any(turn.role == "system" for turn in ask.turns[first:]):
        lost.append("the place of system messages within the conversation")
    media = (p for turn in ask.turns for p in turn.parts if isinstance(p, Media))
    if any(part.detail for part in media):
        lost.append("the detail of images")
    return replace(ask, lost=tuple(lost))


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
    kind = "image" if part.kind == "image" else "document"
    return {"type": kind, "source": _source(part), **present(title=part.name)}


def _source(part: Media) -> dict[str, Any]:
    if part.url:
        return {"type": "url", "url": part.url}
    if (part.media_type or "").startswith("text/"):
        text = base64.b64decode(part.data or "").decode("utf-8", "replace")
        return {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "base64", "media_type": part.media_type, "data": part.data}


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
