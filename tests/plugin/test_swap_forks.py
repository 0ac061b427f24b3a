"""Forks at every step of runs with parallel calls, sub-agents and streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

import pytest_opswald as opswald
from local_provider import Ask, Call, Provider, Reply, Say
from pytest_opswald import ReplaySpec, record, replay
from pytest_opswald.runs import Replayed
from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import LlmCall, ToolCall
from tests.providers import point_at

TOPICS = ("wind", "sun")
executed: list[str] = []


def researchers(ask: Ask) -> Reply:
    """The boss asks for two reports at once; each reporter searches, then reports."""
    if "reporter" in ask.system:
        return (
            Say(f"{ask.prompt}: {ask.results[0]}") if ask.results else Call("search", q=ask.prompt)
        )
    if not ask.results:
        return [Call("report", topic=topic) for topic in TOPICS]
    return Say(f"In short, {' and '.join(ask.results)}.")


@opswald.tool
def search(q: str) -> str:
    executed.append(f"search {q}")
    return f"3 pages on {q}"


def offered(name: str) -> Any:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


async def answered(api: openai.AsyncOpenAI, messages: list[Any], tool: str) -> Any:
    """The LLM's message, streamed."""
    asked: Any = {"model": "gpt-5.2", "messages": messages, "tools": [offered(tool)]}
    async with api.chat.completions.stream(**asked) as events:
        message = (await events.get_final_completion()).choices[0].message
    messages.append(message.model_dump(exclude_none=True))
    return message


def told(call: Any, result: str) -> Any:
    return {"role": "tool", "tool_call_id": call.id, "content": result}


def begun(role: str, prompt: str) -> list[Any]:
    return [
        {"role": "system", "content": f"You are a {role}."},
        {"role": "user", "content": prompt},
    ]


@opswald.tool
async def report(topic: str) -> str:
    """A sub-agent of its own, which uses a tool."""
    executed.append(f"report {topic}")
    async with openai.AsyncOpenAI(max_retries=0) as api:
        messages = begun("reporter", topic)
        (call,) = (await answered(api, messages, "search")).tool_calls
        messages.append(told(call, search(**json.loads(call.function.arguments))))
        return str((await answered(api, messages, "search")).content)


async def boss(*, at_once: bool) -> str:
    async with openai.AsyncOpenAI(max_retries=0) as api:
        messages = begun("boss", "Wind or sun?")
        calls = (await answered(api, messages, "report")).tool_calls
        reports = [report(**json.loads(call.function.arguments)) for call in calls]
        results = await asyncio.gather(*reports) if at_once else [await one for one in reports]
        messages += [told(call, result) for call, result in zip(calls, results, strict=True)]
        return str((await answered(api, messages, "report")).content)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    executed.clear()
    with Provider(researchers) as provider:
        point_at(provider, monkeypatch)
        yield provider


def forked(path: Path, step: int, agent: Callable[[], Any], **changes: Any) -> Replayed:
    spec = ReplaySpec(fork_from_step=step, changes=Changes(**changes))
    with replay(path, spec=spec) as replayed:
        asyncio.run(agent())
    return replayed


@pytest.mark.parametrize(
    ("at_once", "changes"),
    [(False, {}), (True, {}), (True, {"model": "anthropic:claude-opus-6"})],
    ids=["one by one", "at once", "at once, another provider"],
)
def test_every_llm_call_can_be_forked_from(
    provider: Provider, tmp_path: Path, at_once: bool, changes: dict[str, str]
) -> None:
    """Earlier calls are served, later ones live; sub-agents run again, their tools do not."""
    path = tmp_path / "golden.json"
    with record(path) as recording:
        asyncio.run(boss(at_once=at_once))
    assert recording.golden
    steps = recording.golden.trace.steps
    assert len(recording.golden.trace.llm_calls) == 6

    for step in (*(call.step_number for call in recording.golden.trace.llm_calls), len(steps)):
        executed.clear()
        asked = len(provider.requests)

        replayed = forked(path, step, lambda: boss(at_once=at_once), **changes)

        live = [later for later in steps[step - 1 :] if isinstance(later, LlmCall)]
        assert len(provider.requests) - asked == len(live), step
        assert sorted(executed) == ["report sun", "report wind"], step
        assert not replayed.verdict.failed, (step, replayed.verdict)


def test_sub_agents_are_recorded_as_calls_with_steps_inside(
    provider: Provider, tmp_path: Path
) -> None:
    """Which is how a fork knows what to run again."""
    with record(tmp_path / "golden.json") as recording:
        asyncio.run(boss(at_once=True))

    assert recording.golden
    calls = [step for step in recording.golden.trace.steps if isinstance(step, ToolCall)]
    assert {call.input.tool for call in calls if call.span_id} == {"report"}
    assert {call.input.tool for call in calls if call.parent_span_id} == {"search"}
