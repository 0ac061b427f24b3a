"""Every way in which users of the openai package (2.x and 3.x) make a call."""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai

from .scripted import City

MODEL = "gpt-5.2"
TOOL = {"name": "weather", "parameters": {"type": "object", "properties": {}}}
CHAT_TOOLS: Any = [{"type": "function", "function": TOOL}]
TOOLS: Any = [{"type": "function", **TOOL, "strict": False}]


def client(url: str, **options: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="any", **{"max_retries": 0, **options})


def async_client(url: str, **options: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, **options)


def user(prompt: str) -> Any:
    return [{"role": "user", "content": prompt}]


def library() -> Any:
    """httpx or httpx2, whichever this openai is built on."""
    kinds = openai.DefaultHttpxClient.__mro__
    base = next(kind for kind in kinds if kind.__module__.startswith("httpx"))
    return importlib.import_module(base.__module__.partition(".")[0])


def chat(url: str, prompt: str = "hello", **options: Any) -> Any:
    with client(url, **options) as api:
        return api.chat.completions.create(model=MODEL, messages=user(prompt))


def chat_tools(url: str) -> Any:
    with client(url) as api:
        asked = user("weather there?")
        first = api.chat.completions.create(model=MODEL, messages=asked, tools=CHAT_TOOLS)
        said = first.choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
            for call in said.tool_calls or ()
        ]
        messages = [*asked, said.model_dump(exclude_none=True), *results]
        return first, api.chat.completions.create(model=MODEL, messages=messages)


def chat_stream(url: str, prompt: str = "hello") -> Any:
    usage: Any = {"include_usage": True}
    with client(url) as api:
        create = api.chat.completions.create
        return list(create(model=MODEL, messages=user(prompt), stream=True, stream_options=usage))


def chat_stream_helper(url: str) -> Any:
    with client(url) as api:
        asked = user("weather there?")
        stream = api.chat.completions.stream(model=MODEL, messages=asked)
        with stream as events:
            return [event.type for event in events], events.get_final_completion()


def chat_parse(url: str) -> Any:
    with client(url) as api:
        parse = api.chat.completions.parse
        return parse(model=MODEL, messages=user("city please"), response_format=City)


def chat_raw_response(url: str) -> Any:
    with client(url) as api:
        create = api.chat.completions.with_raw_response.create
        raw = create(model=MODEL, messages=user("hello"))
        return raw.status_code, raw.headers["x-request-id"], raw.text, raw.parse()


def chat_streaming_response(url: str) -> Any:
    with client(url) as api:
        create = api.chat.completions.with_streaming_response.create
        with create(model=MODEL, messages=user("hello")) as raw:
            return raw.status_code, "".join(raw.iter_text())


def chat_error(url: str, prompt: str) -> Any:
    try:
        return chat(url, prompt)
    except openai.OpenAIError as error:
        return error


def chat_retried(url: str) -> Any:
    try:
        return chat(url, "busy now", max_retries=1)
    except openai.RateLimitError as error:
        return error


def chat_custom_transport(url: str) -> Any:
    http = library()

    class Custom(http.BaseTransport):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self._inner = http.HTTPTransport()

        def handle_request(self, request: Any) -> Any:
            return self._inner.handle_request(request)

        def close(self) -> None:
            self._inner.close()

    return chat(url, http_client=http.Client(transport=Custom()))


def chat_mounts(url: str) -> Any:
    http = library()
    return chat(url, http_client=http.Client(mounts={"http://": http.HTTPTransport()}))


def chat_mock_transport(url: str) -> Any:
    http = library()
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "mock"}
    transport = http.MockTransport(
        lambda request: http.Response(200, json={**answer, "choices": []})
    )
    return chat(url, http_client=http.Client(transport=transport))


def chat_event_hooks(url: str) -> Any:
    seen: list[Any] = []
    hooks = {
        "request": [lambda request: seen.append(request.method)],
        "response": [lambda response: seen.append(response.status_code)],
    }
    return chat(url, http_client=library().Client(event_hooks=hooks)), seen


def threads(url: str) -> Any:
    with client(url) as api, ThreadPoolExecutor(4) as pool:
        create = api.chat.completions.create
        return list(pool.map(lambda n: create(model=MODEL, messages=user(f"number {n}")), range(6)))


def async_chat(url: str, **options: Any) -> Any:
    async def run() -> Any:
        async with async_client(url, **options) as api:
            return await api.chat.completions.create(model=MODEL, messages=user("hello"))

    return asyncio.run(run())


def async_chat_stream(url: str) -> Any:
    async def run() -> Any:
        async with async_client(url) as api:
            create = api.chat.completions.create
            stream = await create(model=MODEL, messages=user("hello"), stream=True)
            return [chunk async for chunk in stream]

    return asyncio.run(run())


def async_aiohttp(url: str) -> Any:
    async def run() -> Any:
        http_client = openai.DefaultAioHttpClient()
        async with async_client(url, http_client=http_client) as api:
            create = api.chat.completions.create
            whole = await create(model=MODEL, messages=user("hello"))
            stream = await create(model=MODEL, messages=user("hello"), stream=True)
            return whole, [chunk async for chunk in stream]

    return asyncio.run(run())


def async_gather(url: str) -> Any:
    async def run() -> Any:
        async with async_client(url) as api:
            create = api.chat.completions.create
            calls = (create(model=MODEL, messages=user(f"number {n}")) for n in range(6))
            return await asyncio.gather(*calls)

    return asyncio.run(run())


def responses(url: str, prompt: str = "hello") -> Any:
    with client(url) as api:
        return api.responses.create(model=MODEL, input=prompt, instructions="Be brief.")


def responses_tools(url: str) -> Any:
    with client(url) as api:
        asked: Any = user("weather there?")
        first = api.responses.create(model=MODEL, input=asked, tools=TOOLS)
        calls = [item for item in first.output if item.type == "function_call"]
        results = [
            {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
            for call in calls
        ]
        said = [item.model_dump(exclude_none=True) for item in first.output]
        return first, api.responses.create(model=MODEL, input=[*asked, *said, *results])


def responses_stream(url: str) -> Any:
    with client(url) as api:
        return list(api.responses.create(model=MODEL, input="weather there?", stream=True))


def responses_stream_helper(url: str) -> Any:
    with client(url) as api, api.responses.stream(model=MODEL, input="hello") as events:
        return [event.type for event in events], events.get_final_response()


def responses_parse(url: str) -> Any:
    with client(url) as api:
        return api.responses.parse(model=MODEL, input="city please", text_format=City)


def async_responses_stream(url: str) -> Any:
    async def run() -> Any:
        async with async_client(url) as api:
            create = api.responses.create
            return [event async for event in await create(model=MODEL, input="hello", stream=True)]

    return asyncio.run(run())


SCENARIOS = {
    "openai chat": chat,
    "openai chat, tools": chat_tools,
    "openai chat, refusal": lambda url: chat(url, "refuse please"),
    "openai chat, stream": chat_stream,
    "openai chat, stream of tools": lambda url: chat_stream(url, "weather there?"),
    "openai chat, stream helper": chat_stream_helper,
    "openai chat, parse": chat_parse,
    "openai chat, raw response": chat_raw_response,
    "openai chat, streaming response": chat_streaming_response,
    "openai chat, 400": lambda url: chat_error(url, "wrong value"),
    "openai chat, 429": lambda url: chat_error(url, "busy now"),
    "openai chat, 429 retried": chat_retried,
    "openai chat, custom transport": chat_custom_transport,
    "openai chat, mounts": chat_mounts,
    "openai chat, mock transport": chat_mock_transport,
    "openai chat, event hooks": chat_event_hooks,
    "openai threads": threads,
    "openai async chat": async_chat,
    "openai async chat, stream": async_chat_stream,
    "openai async chat, aiohttp": async_aiohttp,
    "openai async gather": async_gather,
    "openai responses": responses,
    "openai responses, refusal": lambda url: responses(url, "refuse please"),
    "openai responses, tools": responses_tools,
    "openai responses, stream": responses_stream,
    "openai responses, stream helper": responses_stream_helper,
    "openai responses, parse": responses_parse,
    "openai async responses, stream": async_responses_stream,
}
