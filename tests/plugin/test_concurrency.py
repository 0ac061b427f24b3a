"""Agents that ask several things at once."""

from __future__ import annotations

import pytest

from local_provider import Ask, Reply, Say, Wait
from tests.language import Project

GATHER = """
import asyncio
from openai import AsyncOpenAI

async def _ask(client, name):
    reply = await client.chat.completions.create(
        model="gpt-5.2", messages=[{"role": "user", "content": name}]
    )
    return reply.choices[0].message.content

async def _all(names):
    async with AsyncOpenAI() as client:
        return await asyncio.gather(*(_ask(client, name) for name in names))

def answer(names):
    return asyncio.run(_all(names))
"""

POOL = """
from concurrent.futures import ThreadPoolExecutor
from openai import OpenAI

def _ask(name):
    with OpenAI() as client:
        reply = client.chat.completions.create(
            model="gpt-5.2", messages=[{"role": "user", "content": name}]
        )
    return reply.choices[0].message.content

def answer(names):
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(_ask, names))
"""

RACE = """
import asyncio
from openai import AsyncOpenAI

async def _ask(client, text):
    reply = await client.chat.completions.create(
        model="gpt-5.2", messages=[{"role": "user", "content": text}]
    )
    return reply.choices[0].message.content

async def _race(names):
    async with AsyncOpenAI() as client:
        tasks = [_ask(client, name) for name in names]
        order = [await done for done in asyncio.as_completed(tasks)]
        return await _ask(client, "in this order: " + ", ".join(order))

def answer(names):
    return asyncio.run(_race(names))
"""

TEST = """
from agent import answer

def test_all(opswald):
    opswald.respond(answer(["slow", "middling", "quick"]))
"""

DELAYS = {"slow": 0.3, "middling": 0.15}


def unequal(ask: Ask) -> Reply:
    return [Wait(DELAYS.get(ask.prompt, 0)), Say(f"{ask.prompt}!")]


@pytest.mark.parametrize("agent", [GATHER, POOL, RACE], ids=["gather", "threads", "as_completed"])
def test_concurrent_calls_get_their_own_answers_in_the_recorded_order(
    project: Project, agent: str
) -> None:
    """Answers that arrived in another order than they were asked for replay green, offline."""
    project(agent=agent, test=TEST, script=unequal)
    assert project.run("--opswald-record").outcomes == {"passed": 1}
    recorded = project.golden().trace
    project.stop_provider()

    run = project.run("--opswald-replay")

    assert run.outcomes == {"passed": 1}, run.report
    together = recorded.llm_calls[:3]
    assert {call.output.content for call in together} == {"slow!", "middling!", "quick!"}
    assert {call.arrival for call in together} == {1, 2, 3}
