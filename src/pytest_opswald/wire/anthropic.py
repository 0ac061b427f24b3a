"""Anthropic messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from pytest_opswald.trace.steps import LlmInput, LlmOutput, Message, SseEvent, Tokens

from .anthropic_stream import fold
from .base import Json, Memory, ToolEcho
from .json_format import JsonFormat
from .parts import joined, prompt_like, provider_of, text_or_blocks, tool_request

Block = Mapping[str, Any]


class Anthropic(JsonFormat):
    name = "anthropic"
    conversation = "messages"
    answered_by = "content"

    def matches(self, method: str, path: str) -> bool:
        return method.upper() == "POST" and path.rstrip("/").endswith("/v1/messages")

    def _echoes(self, body: Mapping[str, Json]) -> Iterable[ToolEcho]:
        blocks = [block for message in body.get("messages") or () for block in _blocks(message)]
        names = {block["id"]: block["name"] for block in _of("tool_use", blocks)}
        return [
            ToolEcho(
                call_id=block["tool_use_id"],
                content=text_or_blocks(block.get("content")),
                is_error=bool(block.get("is_error")),
                name=names.get(block["tool_use_id"]),
            )
            for block in _of("tool_result", blocks)
        ]

    def _resulting(self, item: Json, results: Mapping[str, Json]) -> Json:
        if not isinstance(item, dict) or not isinstance(item.get("content"), list):
            return item
        blocks = [
            {**block, "content": results[block["tool_use_id"]]}
            if isinstance(block, dict) and block.get("tool_use_id") in results
            else block
            for block in item["content"]
        ]
        return {**item, "content": blocks}

    def _asked(self, body: Mapping[str, Json], url: str, memory: Memory) -> LlmInput:
        output = body.get("output_config") or {}
        return LlmInput(
            model=body["model"],
            messages=(
                *_system(body),
                *chain.from_iterable(memory.readings(_messages, body["messages"])),
            ),
            temperature=body.get("temperature"),
            max_tokens=body.get("max_tokens"),
            top_p=body.get("top_p"),
            tools=tuple(tool.get("name") or tool["type"] for tool in body.get("tools") or ()),
            response_format=output.get("format") or body.get("output_format"),
            provider=provider_of(url, "anthropic"),
            stream=bool(body.get("stream")),
        )

    def _fold(self, events: Sequence[SseEvent]) -> tuple[dict[str, Json], bool]:
        return fold(events)

    def _said(self, answer: Mapping[str, Json]) -> LlmOutput:
        blocks = answer.get("content") or ()
        text = joined(block["text"] for block in _of("text", blocks))
        return LlmOutput(
            content=text,
            tool_calls=tuple(
                tool_request(block["name"], block["input"], block["id"])
                for block in _of("tool_use", blocks)
            ),
            finish_reason=answer.get("stop_reason"),
            model=answer.get("model"),
            refusal=_refusal(answer, text),
            reasoning=joined((b["thinking"] for b in _of("thinking", blocks)), glue="\n"),
        )

    def _spent(self, usage: Mapping[str, Json]) -> Tokens:
        cached = usage.get("cache_read_input_tokens") or 0
        written = usage.get("cache_creation_input_tokens") or 0
        details = usage.get("output_tokens_details") or {}
        return Tokens(
            input=(usage.get("input_tokens") or 0) + cached + written,
            output=usage.get("output_tokens") or 0,
            cached=cached,
            cache_write=written,
            reasoning=details.get("thinking_tokens") or 0,
        )

    def _items(self, answer: Mapping[str, Json]) -> Sequence[Json]:
        blocks = answer.get("content")
        return ({"role": "assistant", "content": blocks},) if blocks else ()

    def _limit(self, body: Mapping[str, Json]) -> str:
        return "max_tokens"

    def _instruct(self, body: dict[str, Json], prompt: str) -> None:
        body["system"] = prompt_like(body.get("system"), prompt)


def _system(body: Mapping[str, Any]) -> Iterable[Message]:
    if body.get("system"):
        yield Message(role="system", content=text_or_blocks(body["system"]))


def _messages(message: Mapping[str, Any]) -> tuple[Message, ...]:
    return tuple(_split(message))


def _split(message: Mapping[str, Any]) -> Iterable[Message]:
    """One message, its tool results first and apart, its tool calls beside the rest."""
    role, blocks = message["role"], _blocks(message)
    for block in _of("tool_result", blocks):
        content = text_or_blocks(block.get("content"))
        yield Message(role="tool", content=content, tool_call_id=block["tool_use_id"])
    calls = tuple(tool_request(b["name"], b["input"], b["id"]) for b in _of("tool_use", blocks))
    rest = [block for block in blocks if block["type"] not in ("tool_result", "tool_use")]
    if rest or calls or not blocks:
        content = text_or_blocks(rest, glue="" if role == "assistant" else "\n") if rest else None
        yield Message(role=role, content=content, tool_calls=calls)


def _blocks(message: Mapping[str, Any]) -> list[Block]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _of(kind: str, blocks: Iterable[Block]) -> Iterable[Block]:
    return (block for block in blocks if block.get("type") == kind)


def _refusal(answer: Mapping[str, Any], text: str | None) -> str | None:
    if answer.get("stop_reason") != "refusal":
        return None
    details = answer.get("stop_details") or {}
    return details.get("explanation") or text or "refused"
