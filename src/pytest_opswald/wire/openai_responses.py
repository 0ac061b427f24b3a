"""OpenAI responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_opswald.trace.steps import (
    LlmInput,
    LlmOutput,
    Message,
    SseEvent,
    Tokens,
    ToolRequest,
)

from .base import Json, Memory, ToolEcho
from .json_format import JsonFormat
from .openai_responses_stream import fold
from .parts import instructed, is_text, joined, provider_of, text_of, text_or_blocks, tool_request


class OpenAIResponses(JsonFormat):
    name = "openai_responses"
    conversation = "input"
    padding: str | None = "obfuscation"
    answered_by = "output"

    def matches(self, method: str, path: str) -> bool:
        return method.upper() == "POST" and path.rstrip("/").endswith("/responses")

    def _echoes(self, body: Mapping[str, Json]) -> Iterable[ToolEcho]:
        items = _input_items(body)
        names = {call.id: call.function for item in items if (call := _tool_call(item))}
        return [
            ToolEcho(
                call_id=(call_id := item.get("call_id")),
                content=text_or_blocks(item.get("output")),
                name=names.get(call_id),
            )
            for item in items
            if _is_tool_result(item)
        ]

    def _resulting(self, item: Json, results: Mapping[str, Json]) -> Json:
        if not isinstance(item, dict) or not _is_tool_result(item):
            return item
        return {**item, "output": results.get(item["call_id"], item.get("output"))}

    def _asked(self, body: Mapping[str, Json], url: str, memory: Memory) -> LlmInput:
        if not body.keys() & {"input", "prompt"}:
            raise ValueError("the request has no 'input'")
        return LlmInput(
            model=body.get("model"),
            messages=(*_instructions(body), *memory.readings(_message, _input_items(body))),
            temperature=body.get("temperature"),
            max_tokens=body.get("max_output_tokens"),
            top_p=body.get("top_p"),
            seed=body.get("seed"),
            tools=tuple(tool.get("name") or tool["type"] for tool in body.get("tools") or ()),
            response_format=(body.get("text") or {}).get("format"),
            provider=provider_of(url, "openai"),
            stream=bool(body.get("stream")),
        )

    def _fold(self, events: Sequence[SseEvent]) -> tuple[dict[str, Json], bool]:
        return fold(events)

    def _said(self, answer: Mapping[str, Json]) -> LlmOutput:
        items = answer.get("output") or ()
        parts = [
            part
            for item in items
            if item["type"] == "message"
            for part in item.get("content") or ()
        ]
        return LlmOutput(
            content=joined(text_of(part) for part in parts if is_text(part)),
            tool_calls=tuple(call for item in items if (call := _tool_call(item))),
            finish_reason=_finish_reason(answer),
            model=answer.get("model"),
            refusal=joined(part["refusal"] for part in parts if part["type"] == "refusal"),
            reasoning=joined(_thoughts(items), glue="\n"),
        )

    def _spent(self, usage: Mapping[str, Json]) -> Tokens:
        asked = usage.get("input_tokens_details") or {}
        answered = usage.get("output_tokens_details") or {}
        return Tokens(
            input=usage.get("input_tokens") or 0,
            output=usage.get("output_tokens") or 0,
            cached=asked.get("cached_tokens") or 0,
            cache_write=asked.get("cache_write_tokens") or 0,
            reasoning=answered.get("reasoning_tokens") or 0,
        )

    def _items(self, answer: Mapping[str, Json]) -> Sequence[Json]:
        return answer.get("output") or ()

    def _limit(self, body: Mapping[str, Json]) -> str:
        return "max_output_tokens"

    def _instruct(self, body: dict[str, Json], prompt: str) -> None:
        items = body.get("input")
        replaced = instructed(items, prompt) if isinstance(items, list) else None
        if body.get("instructions") is None and replaced:
            body["input"] = replaced
        else:
            body["instructions"] = prompt


def _input_items(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    asked = body.get("input")
    if isinstance(asked, str):
        return [{"role": "user", "content": asked}]
    return asked or []


def _instructions(body: Mapping[str, Any]) -> Iterable[Message]:
    if body.get("instructions"):
        yield Message(role="system", content=body["instructions"])


def _message(item: Mapping[str, Any]) -> Message:
    """An input item as a message; kinds that are none are kept whole, as a block."""
    if call := _tool_call(item):
        return Message(role="assistant", tool_calls=(call,))
    if _is_tool_result(item):
        content = text_or_blocks(item.get("output"))
        return Message(role="tool", content=content, tool_call_id=item.get("call_id"))
    if item.get("type", "message") != "message":
        return Message(role=item.get("role") or "assistant", content=[item])
    role = item["role"]
    content = text_or_blocks(item.get("content"), glue="" if role == "assistant" else "\n")
    return Message(role=role, content=content)


def _is_tool_result(item: Mapping[str, Any]) -> bool:
    """An output that the client sends; those that the provider ran itself name no call."""
    return str(item.get("type")).endswith("_output") and item.get("call_id") is not None


def _tool_call(item: Mapping[str, Any]) -> ToolRequest | None:
    """A call that the client is to run; those that the provider runs itself name no call."""
    kind, call_id = str(item.get("type")), item.get("call_id")
    if not kind.endswith("_call") or call_id is None:
        return None
    if kind == "function_call":
        return tool_request(item["name"], item.get("arguments"), call_id)
    if kind == "custom_tool_call":
        return ToolRequest(function=item["name"], arguments={"input": item["input"]}, id=call_id)
    asked = (item[key] for key in ("action", "operation", "arguments") if key in item)
    return tool_request(kind.removesuffix("_call"), next(asked, None), call_id)


def _thoughts(items: Iterable[Mapping[str, Any]]) -> Iterable[str | None]:
    for item in items:
        if item["type"] == "reasoning":
            for block in (*(item.get("summary") or ()), *(item.get("content") or ())):
                yield block.get("text")


def _finish_reason(answer: Mapping[str, Any]) -> str | None:
    """The status, or why it is incomplete."""
    details = answer.get("incomplete_details") or {}
    return details.get("reason") or answer.get("status")
