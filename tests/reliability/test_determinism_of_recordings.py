"""The same run recorded twice is the same file, byte for byte."""

from __future__ import annotations

import pytest

from local_provider import Ask, Call, Reply, Say, Wait
from tests.language import Project

AGENT = """
import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from openai import AsyncOpenAI, OpenAI

import pytest_opswald as opswald


@opswald.tool
def search(words: frozenset, limit: int = 3) -> dict:
    return {"found": sorted(words), "among": {"a", "b", "c"}, "score": 0.1 + 0.2}


def talk(question):
    messages = [{"role": "user", "content": question}]
    with OpenAI() as client:
        while True:
            ask = {"model": "gpt-5.2", "messages": messages, "tools": TOOLS}
            reply = client.chat.completions.create(**ask).choices[0].message
            if not reply.tool_calls:
                return reply.content
            messages.append(reply)
            for call in reply.tool_calls:
                found = search(frozenset(json.loads(call.function.arguments)["words"]))
                content = json.dumps(found["found"])
                messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


def stream(question, client=None):
    chunks = (client or OpenAI()).chat.completions.create(
        model="gpt-5.2", messages=[{"role": "user", "content": question}], stream=True
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def gather(questions):
    async with AsyncOpenAI() as client:
        async def ask(question):
            messages = [{"role": "user", "content": question}]
            return await client.chat.completions.create(model="gpt-5.2", messages=messages)
        return await asyncio.gather(*map(ask, questions))


def one(call):
    return call, search(frozenset(json.loads(call.function.arguments)["words"]))


def talk_in_threads(question, run):
    messages = [{"role": "user", "content": question}]
    with OpenAI() as client, ThreadPoolExecutor(3) as threads:
        ask = {"model": "gpt-5.2", "messages": messages, "tools": TOOLS}
        reply = client.chat.completions.create(**ask).choices[0].message
        messages.append(reply)
        for call, found in run(threads, reply.tool_calls):
            content = json.dumps(found["found"])
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        return client.chat.completions.create(**ask).choices[0].message.content


def mapped(threads, calls):
    return list(threads.map(one, calls))


def in_the_loop(threads, calls):
    async def together():
        return await asyncio.gather(*(asyncio.to_thread(one, call) for call in calls))
    return asyncio.run(together())


def unasked(words):
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(search, [frozenset([word]) for word in words]))
    return stream("Sum it up: " + json.dumps([each["found"] for each in found]))


def pool(questions):
    with OpenAI() as client, ThreadPoolExecutor(3) as threads:
        return list(threads.map(lambda question: stream(question, client), questions))


PARAMETERS = {"type": "object", "properties": {"words": {"type": "array"}}}
TOOLS = [{"type": "function", "function": {"name": "search", "parameters": PARAMETERS}}]
"""

TEST = """
import asyncio
import sys

import agent
import pytest

NAMES = ["slow", "middling", "quick"]

def test_tools(opswald):
    opswald.respond(agent.talk("Find books on refunds."))

def test_stream(opswald):
    agent.stream("Tell me a story.")

def test_gather(opswald):
    asyncio.run(agent.gather(NAMES))

def test_pool(opswald):
    agent.pool(NAMES)

@pytest.mark.parametrize("time", range(10))
@pytest.mark.parametrize("how", ["mapped", "in_the_loop", "unasked"])
def test_threads(opswald, how, time):
    sys.setswitchinterval(1e-5)
    try:
        if how == "unasked":
            agent.unasked(["order", "shop", "book", "refund"])
        else:
            agent.talk_in_threads("Look everywhere.", getattr(agent, how))
    finally:
        sys.setswitchinterval(0.005)
"""

WORDS = ["order", "shop", "book", "refund"]
TIMES = 10
"""As often is an agent recorded in each process whose threads race as hard as they can."""
LATENCY = {"slow": 1.2, "middling": 0.6}


def model(ask: Ask) -> Reply:
    if ask.prompt.startswith("Find") and not ask.results:
        return Call("search", words=["refund", "book", "order", "shop"])
    if ask.prompt == "Look everywhere." and not ask.results:
        return [Call("search", words=[word]) for word in WORDS]
    return [Wait(LATENCY.get(ask.prompt, 0)), Say(f"Here is what you asked for: {ask.prompt}")]


MACHINES = {
    "hash seed 0, UTC": ({"PYTHONHASHSEED": "0", "TZ": "UTC"}, ()),
    "hash seed 1, far east": ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland"}, ()),
    "three workers": ({"PYTHONHASHSEED": "random", "LC_ALL": "C"}, ("-n3",)),
}


def steps(golden: str) -> str:
    """A golden's text without its name."""
    return golden.partition('"expected_outcome"')[2]


def test_recording_twice_gives_identical_files(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the hash seed, the time zone, the locale and the number of workers."""
    project(agent=AGENT, test=TEST)
    files = {}

    for machine, (variables, options) in MACHINES.items():
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        project.talk(model)
        run = project.run("--opswald-record=all", *options)
        assert run.outcomes == {"passed": 4 + 3 * TIMES}, run.report
        files[machine] = {path.name: path.read_text("utf-8") for path in project.golden_paths}
        for path in project.golden_paths:
            path.unlink()

    first, *others = files.values()
    assert len(first) == 4 + 3 * TIMES
    for other in others:
        assert other == first
    for how in ("mapped", "in_the_loop", "unasked"):
        alike = {steps(text) for name, text in first.items() if how in name}
        assert len(alike) == 1, how
