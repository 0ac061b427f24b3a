"""Agents that do several things at once replay the same way a thousand times of a thousand."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx
import pytest

import pytest_opswald as opswald
from pytest_opswald import runs
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
from pytest_opswald.judging import judged
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.trace import Trace

REPLAYS = 1000
URL = "https://api.openai.com/v1/chat/completions"
LATENCY = {"slow": 0.03, "middling": 0.015, "quick": 0.0}
"""Seconds until a question is answered while recording."""
NAMES = list(LATENCY)

EVENTS = {"slow": 2, "middling": 8, "quick": 32}
"""Of a streamed answer; the longest one is there first."""

Agent = Callable[[], Any]


def asked(text: str) -> dict[str, Any]:
    return {"model": "gpt-5.2", "messages": [{"role": "user", "content": text}]}


def answer(request: httpx.Request, text: str) -> httpx.Response:
    message = {"role": "assistant", "content": f"{text}!"}
    body = {"model": "gpt-5.2", "choices": [{"message": message, "finish_reason": "stop"}]}
    return httpx.Response(200, json=body, request=request)


def said_in(request: httpx.Request) -> str:
    return str(json.loads(request.content)["messages"][0]["content"])


class Stream(httpx.AsyncByteStream, httpx.SyncByteStream):
    """An answer in pieces, the last of which takes its time."""

    def __init__(self, text: str) -> None:
        self.pause = LATENCY.get(text, 0)
        said = [{"choices": [{"index": 0, "delta": {"content": text}}]}] * EVENTS.get(text, 3)
        self.events = [f"data: {json.dumps(each)}\n\n".encode() for each in said]

    def __iter__(self) -> Iterator[bytes]:
        yield from self.events
        time.sleep(self.pause)
        yield b"data: [DONE]\n\n"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self.events:
            yield event
        await asyncio.sleep(self.pause)
        yield b"data: [DONE]\n\n"


def streamed(request: httpx.Request, text: str) -> httpx.Response:
    kind = {"content-type": "text/event-stream"}
    return httpx.Response(200, headers=kind, stream=Stream(text), request=request)


class Provider(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """Answers each question after its own time; counts what reaches it."""

    def __init__(self) -> None:
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        text = said_in(request)
        if b'"stream"' in request.content:
            return streamed(request, text)
        time.sleep(LATENCY.get(text, 0))
        return answer(request, text)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        text = said_in(request)
        if b'"stream"' in request.content:
            return streamed(request, text)
        await asyncio.sleep(LATENCY.get(text, 0))
        return answer(request, text)


provider = Provider()
sync_client = httpx.Client(transport=provider)


def ask_now(text: str) -> str:
    answered = sync_client.post(URL, json=asked(text))
    return str(answered.json()["choices"][0]["message"]["content"])


async def ask(text: str) -> str:
    async with httpx.AsyncClient(transport=provider) as client:
        answered = await client.post(URL, json=asked(text))
    return str(answered.json()["choices"][0]["message"]["content"])


def stream_now(text: str) -> str:
    with sync_client.stream("POST", URL, json={**asked(text), "stream": True}) as answered:
        return f"{text} in {sum(bool(line) for line in answered.iter_lines())} lines"


async def stream(text: str) -> str:
    client = httpx.AsyncClient(transport=provider)
    body = {**asked(text), "stream": True}
    async with client, client.stream("POST", URL, json=body) as answered:
        return f"{text} in {len([line async for line in answered.aiter_lines() if line])} lines"


async def gather() -> Any:
    return await asyncio.gather(*map(ask, NAMES))


async def as_they_come() -> Any:
    order = [await done for done in asyncio.as_completed(map(ask, NAMES))]
    return await ask("in this order: " + ", ".join(order))


async def streams_as_they_come() -> Any:
    order = [await done for done in asyncio.as_completed(map(stream, NAMES))]
    return await ask("in this order: " + ", ".join(order))


async def task_group() -> Any:
    order: list[str] = []

    async def noted(name: str) -> None:
        order.append(await ask(name))

    async with asyncio.TaskGroup() as group:
        for name in NAMES:
            group.create_task(noted(name))
    return await ask("in this order: " + ", ".join(order))


async def first_wins() -> Any:
    tasks = [asyncio.create_task(ask(name)) for name in NAMES]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return await ask("the winner is " + ", ".join(sorted(task.result() for task in done)))


async def nested() -> Any:
    async def chain(name: str) -> str:
        return await ask("after " + await ask(name))

    both = await asyncio.gather(as_they_come(), asyncio.gather(*map(chain, NAMES)))
    return await ask(str(both))


async def hedged() -> Any:
    """A second request goes out when the first one is late, and wins."""
    late = asyncio.create_task(ask("slow"))
    done, _ = await asyncio.wait([late], timeout=0.005)
    spare = asyncio.create_task(ask("quick"))
    done, _ = await asyncio.wait([late, spare], return_when=asyncio.FIRST_COMPLETED)
    winner = await ask(" and ".join(sorted(task.result() for task in done)))
    return [winner, await late, await spare]


def threads() -> Any:
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(ask_now, NAMES))


def threads_as_they_come() -> Any:
    with ThreadPoolExecutor(3) as pool:
        order = [done.result() for done in as_completed(pool.submit(ask_now, n) for n in NAMES)]
    return ask_now("in this order: " + ", ".join(order))


@opswald.tool
def look_up(name: str) -> str:
    return f"{name}?"


def tools_as_they_come() -> Any:
    """None of them takes any time: who comes first is what the agent made of it."""
    with ThreadPoolExecutor(3) as pool:
        order = [done.result() for done in as_completed([pool.submit(look_up, n) for n in NAMES])]
    return ask_now("in this order: " + ", ".join(order))


def streams_in_threads() -> Any:
    with ThreadPoolExecutor(3) as pool:
        order = [done.result() for done in as_completed(pool.submit(stream_now, n) for n in NAMES)]
    return ask_now("in this order: " + ", ".join(order))


def bare_threads() -> Any:
    order: list[str] = []
    started = [
        threading.Thread(target=lambda name=name: order.append(ask_now(name))) for name in NAMES
    ]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return ask_now("in this order: " + ", ".join(order))


def in_a_loop(agent: Callable[[], Any]) -> Agent:
    return lambda: asyncio.run(agent())


AGENTS: dict[str, Agent] = {
    **{
        agent.__name__: in_a_loop(agent)
        for agent in (
            gather,
            as_they_come,
            streams_as_they_come,
            task_group,
            first_wins,
            nested,
            hedged,
        )
    },
    **{
        agent.__name__: agent
        for agent in (
            threads,
            threads_as_they_come,
            tools_as_they_come,
            streams_in_threads,
            bare_threads,
        )
    },
}


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    with captured():
        yield


def recorded(agent: Agent) -> tuple[Trace, Any]:
    engine = runs.recorder()
    with activated(engine):
        result = agent()
    return engine.finish().trace, result


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_a_racing_agent_replays_identically(agent: Agent) -> None:
    """Whoever came first when it was recorded comes first every time, without a deadlock."""
    trace, result = recorded(agent)
    golden = Golden(name="race", test="test_race.py::test_race", trace=trace)
    calls = provider.calls

    for number in range(REPLAYS):
        engine = runs.replayer(golden, ReplaySpec())
        with activated(engine):
            assert agent() == result, number
        assert not judged(engine.finish()).failed, number

    assert provider.calls == calls


def test_calls_made_while_a_stream_is_read_do_not_wait_for_its_end() -> None:
    """One reader, one thread: each line leads to another call, and the stream goes on."""

    def reading() -> list[str]:
        told = []
        body = {**asked("slow"), "stream": True}
        with sync_client.stream("POST", URL, json=body) as answered:
            for line in filter(None, answered.iter_lines()):
                told.append(ask_now(f"what is {len(told)} {line[-6:]}"))
        return told

    trace, result = recorded(reading)
    engine = runs.replayer(Golden(name="r", test="t", trace=trace), ReplaySpec())
    with activated(engine):
        assert reading() == result

    assert len(result) == EVENTS["slow"] + 1
    assert not judged(engine.finish()).failed
