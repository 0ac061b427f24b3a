"""Streams of every SDK that nobody reads to the end: left, cancelled, cut off by the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from . import anthropic_calls, openai_calls

Open = Callable[[Any, str], Any]
"""A stream of events: client and prompt in; to be awaited, with an async client."""


def _chat(api: Any, prompt: str) -> Any:
    messages = openai_calls.user(prompt)
    return api.chat.completions.create(model=openai_calls.MODEL, messages=messages, stream=True)


def _responses(api: Any, prompt: str) -> Any:
    return api.responses.create(model=openai_calls.MODEL, input=prompt, stream=True)


def _messages(api: Any, prompt: str) -> Any:
    return api.messages.create(**anthropic_calls.asked(prompt), stream=True)


def cut(sdk: Any, opened: Open, url: str) -> Any:
    """The connection is lost on the way: all that came, and what was raised."""
    seen: list[Any] = []
    with sdk.client(url) as api:
        try:
            seen.extend(opened(api, "cut it"))
        except Exception as error:
            return seen, error
    return seen


def left(sdk: Any, opened: Open, url: str) -> Any:
    """The reader has enough after two events."""
    with sdk.client(url) as api, opened(api, "hello") as stream:
        return [next(iter(stream)), next(iter(stream))]


def cut_in_a_loop(sdk: Any, opened: Open, url: str) -> Any:
    seen: list[Any] = []

    async def read() -> Any:
        async with sdk.async_client(url) as api:
            try:
                async for event in await opened(api, "cut it"):
                    seen.append(event)  # noqa: PERF401  # one by one: it breaks off
            except Exception as error:
                return seen, error
        return seen

    return asyncio.run(read())


def left_in_a_loop(sdk: Any, opened: Open, url: str) -> Any:
    async def read() -> Any:
        async with sdk.async_client(url) as api, await opened(api, "hello") as stream:
            return [await anext(aiter(stream)), await anext(aiter(stream))]

    return asyncio.run(read())


def cancelled(sdk: Any, opened: Open, url: str) -> Any:
    """The task that reads is given up after two events."""
    seen: list[Any] = []
    enough = asyncio.Event()

    async def read() -> None:
        async with sdk.async_client(url) as api:
            async for event in await opened(api, "hello"):
                seen.append(event)
                if len(seen) == 2:
                    enough.set()
                    await asyncio.sleep(60)

    async def give_up() -> Any:
        task = asyncio.create_task(read())
        await enough.wait()
        task.cancel()
        [error] = await asyncio.gather(task, return_exceptions=True)
        return seen, error

    return asyncio.run(give_up())


_STREAMS: dict[str, tuple[Any, Open]] = {
    "openai chat": (openai_calls, _chat),
    "openai responses": (openai_calls, _responses),
    "anthropic messages": (anthropic_calls, _messages),
}
_ENDINGS = {
    "stream cut": cut,
    "stream left": left,
    "async stream cut": cut_in_a_loop,
    "async stream left": left_in_a_loop,
    "stream cancelled": cancelled,
}


def _scenario(sdk: Any, opened: Open, ending: Callable[[Any, Open, str], Any]) -> Any:
    return lambda url: ending(sdk, opened, url)


SCENARIOS = {
    f"{name}, {how}": _scenario(sdk, opened, ending)
    for name, (sdk, opened) in _STREAMS.items()
    for how, ending in _ENDINGS.items()
}
