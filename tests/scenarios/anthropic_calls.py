"""Every way in which users of the anthropic package make a call."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic

MODEL = "claude-sonnet-5"
TOOLS: Any = [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}]


def asked(prompt: str) -> Any:
    return {
        "model": MODEL,
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": prompt}],
    }


def client(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key="any", max_retries=0)


def async_client(url: str, **options: Any) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0, **options)


def messages(url: str, prompt: str = "hello") -> Any:
    with client(url) as api:
        return api.messages.create(**asked(prompt))


def tools(url: str) -> Any:
    with client(url) as api:
        question = asked("weather there?")
        first = api.messages.create(**question, tools=TOOLS)
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": "sunny"}
            for block in first.content
            if block.type == "tool_use"
        ]
        said = [block.model_dump(exclude_none=True) for block in first.content]
        question["messages"] += [
            {"role": "assistant", "content": said},
            {"role": "user", "content": results},
        ]
        return first, api.messages.create(**question, tools=TOOLS)


def stream(url: str) -> Any:
    with client(url) as api:
        return list(api.messages.create(**asked("weather there?"), stream=True))


def stream_helper(url: str) -> Any:
    with client(url) as api, api.messages.stream(**asked("weather there?")) as events:
        return [event.type for event in events], events.get_final_message()


def text_stream(url: str) -> Any:
    with client(url) as api, api.messages.stream(**asked("hello")) as events:
        return list(events.text_stream)


def raw_response(url: str) -> Any:
    with client(url) as api:
        raw = api.messages.with_raw_response.create(**asked("hello"))
        return raw.status_code, raw.headers["request-id"], raw.parse()


def early_break(url: str) -> Any:
    with client(url) as api, api.messages.stream(**asked("hello")) as events:
        return next(iter(events))


def error(url: str, prompt: str) -> Any:
    try:
        return messages(url, prompt)
    except anthropic.AnthropicError as raised:
        return raised


def async_messages(url: str) -> Any:
    async def run() -> Any:
        async with async_client(url) as api:
            return await api.messages.create(**asked("hello"))

    return asyncio.run(run())


def async_stream_helper(url: str) -> Any:
    async def run() -> Any:
        async with async_client(url) as api, api.messages.stream(**asked("hello")) as events:
            return [event.type async for event in events], await events.get_final_message()

    return asyncio.run(run())


def async_aiohttp(url: str) -> Any:
    async def run() -> Any:
        http_client = anthropic.DefaultAioHttpClient()
        async with async_client(url, http_client=http_client) as api:
            whole = await api.messages.create(**asked("hello"))
            events = await api.messages.create(**asked("hello"), stream=True)
            return whole, [event async for event in events]

    return asyncio.run(run())


SCENARIOS = {
    "anthropic messages": messages,
    "anthropic messages, refusal": lambda url: messages(url, "refuse please"),
    "anthropic messages, tools": tools,
    "anthropic messages, stream": stream,
    "anthropic messages, stream helper": stream_helper,
    "anthropic messages, text stream": text_stream,
    "anthropic messages, raw response": raw_response,
    "anthropic messages, early break": early_break,
    "anthropic messages, 400": lambda url: error(url, "wrong value"),
    "anthropic messages, 429": lambda url: error(url, "busy now"),
    "anthropic async messages": async_messages,
    "anthropic async messages, stream helper": async_stream_helper,
    "anthropic async messages, aiohttp": async_aiohttp,
}
