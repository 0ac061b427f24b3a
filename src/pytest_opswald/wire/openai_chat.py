"""OpenAI chat completions, as OpenAI, Azure, Groq, OpenRouter, Mistral and many others speak it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pytest_opswald.trace.replay_spec import Changes
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
from .openai_chat_stream import fold
from .parts import (
    chat_limit,
    instructed,
    is_text,
    joined,
    provider_of,
    text_of,
    text_or_blocks,
    tool_request,
)

_DEPLOYMENT = re.compile(r"(?<=/openai/deployments/)[^/]+(?=/chat/completions)")
"""Where Azure names the model; the one in the body is ignored there."""


class OpenAIChat(JsonFormat):
    name = "openai_chat"
    conversation = "messages"
    padding: str | None = "obfuscation"
    answered_by = "choices"

    def matches(self, method: str, path: str) -> bool:
        return method.upper() == "POST" and path.rstrip("/").endswith("/chat/completions")

    def rewrite(self, body: Mapping[str, Json], changes: Changes) -> dict[str, Json]:
        changed = super().rewrite(body, changes)
        if changes.max_tokens is not None and "max_completion_tokens" in changed:
            changed.pop("max_tokens", None)  # the same limit, by the name it had before
        return changed

    def redirect(self, url: str, changes: Changes) -> str:
        deployment = _DEPLOYMENT.search(url)
        model = changes.model_for(deployment.group()) if deployment else None
        return _DEPLOYMENT.sub(lambda _: quote(str(model), safe=""), url) if model else url

    def _echoes(self, body: Mapping[str, Json]) -> Iterable[ToolEcho]:
        messages = body["messages"]
        names: dict[str | None, str] = {
            call.id: call.function
            for m in messages
            for call in _tool_calls(m)
            if call.id is not None
        }
        return [
            ToolEcho(
                call_id=(call_id := message.get("tool_call_id")),
                content=text_or_blocks(message.get("content")),
                name=message.get("name") or names.get(call_id),
            )
            for message in messages
            if message.get("role") in ("tool", "function")
        ]

    def _resulting(self, item: Json, results: Mapping[str, Json]) -> Json:
        if not isinstance(item, dict) or item.get("tool_call_id") not in results:
            return item
        return {**item, "content": results[item["tool_call_id"]]}

    def _asked(self, body: Mapping[str, Json], url: str, memory: Memory) -> LlmInput:
        deployment = _DEPLOYMENT.search(url)
        return LlmInput(
            model=body.get("model") or (deployment.group() if deployment else None),
            messages=tuple(memory.readings(_message, body["messages"])),
            temperature=body.get("temperature"),
            max_tokens=body.get(self._limit(body)),
            top_p=body.get("top_p"),
            seed=body.get("seed"),
            tools=tuple(map(_tool_name, body.get("tools") or body.get("functions") or ())),
            response_format=body.get("response_format"),
            provider=provider_of(url, "openai"),
            stream=bool(body.get("stream")),
        )

    def _fold(self, events: Sequence[SseEvent]) -> tuple[dict[str, Json], bool]:
        return fold(events)

    def _said(self, answer: Mapping[str, Json]) -> LlmOutput:
        choice: Mapping[str, Any] = next(iter(answer.get("choices") or ()), {})
        message = choice.get("message") or {}
        return LlmOutput(
            content=_spoken(message.get("content")),
            tool_calls=tuple(_tool_calls(message)),
            finish_reason=choice.get("finish_reason") or None,
            model=answer.get("model"),
            refusal=message.get("refusal") or None,
            reasoning=_thought(message),
        )

    def _spent(self, usage: Mapping[str, Json]) -> Tokens:
        asked, answered = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
        prompt = usage.get("prompt_tokens_details") or {}
        reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
        if usage.get("total_tokens") == asked + answered + reasoning:
            answered += reasoning  # xAI and others count it apart
        return Tokens(
            input=asked,
            output=answered,
            cached=prompt.get("cached_tokens") or _cached(usage),
            cache_write=prompt.get("cache_write_tokens") or 0,
            reasoning=reasoning,
        )

    def _items(self, answer: Mapping[str, Json]) -> Sequence[Json]:
        choice = next(iter(answer.get("choices") or ()), None)
        if not choice:
            return ()
        message = choice["message"]
        kept = {key: message[key] for key in ("refusal", "tool_calls") if message.get(key)}
        return ({"role": "assistant", "content": message.get("content"), **kept},)

    def _limit(self, body: Mapping[str, Json]) -> str:
        said = "max_completion_tokens" in body
        return "max_completion_tokens" if said else chat_limit(body.get("model"))

    def _instruct(self, body: dict[str, Json], prompt: str) -> None:
        messages = body["messages"]
        added = [{"role": "system", "content": prompt}, *messages]
        body["messages"] = instructed(messages, prompt) or added


def _message(message: Mapping[str, Any]) -> Message:
    return Message(
        role=message["role"],
        content=text_or_blocks(
            message.get("content"), glue="" if message["role"] == "assistant" else "\n"
        ),
        tool_calls=tuple(_tool_calls(message)),
        tool_call_id=message.get("tool_call_id"),
    )


def _tool_calls(message: Mapping[str, Any]) -> Iterable[ToolRequest]:
    for call in message.get("tool_calls") or ():
        if custom := call.get("custom"):
            yield ToolRequest(
                function=custom["name"], arguments={"input": custom["input"]}, id=call["id"]
            )
        else:
            function = call["function"]
            yield tool_request(function["name"], function.get("arguments"), call.get("id"))
    legacy = message.get("function_call") or {}
    if legacy.get("name"):  # Snowflake sends every field there is, empty
        yield tool_request(legacy["name"], legacy.get("arguments"), None)


def _tool_name(tool: Mapping[str, Any]) -> str:
    described = tool.get("function") or tool.get("custom") or tool
    return str(described.get("name") or tool["type"])


def _spoken(content: Any) -> str | None:
    """The text of an answer; Mistral sends thoughts and text as blocks."""
    if not isinstance(content, list):
        return None if content is None else str(content)
    return joined(text_of(block) for block in content if is_text(block))


def _thought(message: Mapping[str, Any]) -> str | None:
    content = message.get("content")
    blocks = content if isinstance(content, list) else ()
    return (
        message.get("reasoning")
        or message.get("reasoning_content")
        or joined(_spoken(b["thinking"]) for b in blocks if b.get("type") == "thinking")
    )


def _cached(usage: Mapping[str, Any]) -> int:
    """Cached tokens where DeepSeek, Moonshot and Mistral keep them."""
    names = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens")
    return next((usage[name] for name in names if usage.get(name)), 0)
