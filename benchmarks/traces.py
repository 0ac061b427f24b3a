"""Runs as documents, for what looks at nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from pytest_opswald.trace.steps import (
    Custom,
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
    Step,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
)
from pytest_opswald.trace.trace import Trace

from .conversations import words


def run(size: int, *, changed: float = 0.0) -> Trace:
    """An agent's run: an LLM call, a tool call, its result, again and again."""
    dice = random.Random(size)
    steps: list[Step] = []
    turn = 0
    while len(steps) < size:
        new = _turn(turn, " changed" if dice.random() < changed else "")
        if dice.random() >= changed / 5:
            steps += new
        turn += 1
    return Trace.of(steps[:size])


def _turn(number: int, edit: str) -> tuple[Step, ...]:
    query = {"query": words(number, 60) + edit, "page": number}
    told = {"found": words(-number, 120), "number": number}
    return (
        _llm(Message(role="user", content=words(number, 120) + edit), answer=words(number, 80)),
        ToolCall(input=ToolInput(tool="search", arguments=query)),
        ToolResult(input=ToolResultInput(tool="search"), output=ToolOutput(result=told)),
    )


def _llm(*said: Message, answer: str) -> LlmCall:
    return LlmCall(input=LlmInput(messages=said), output=LlmOutput(content=answer))


def chat(turns: int, *, prompt: str) -> Trace:
    """A conversation whose requests repeat all that was said before."""
    said = [Message(role="system", content=prompt)]
    steps = []
    for number in range(turns):
        answer = words(-number, 80)
        said.append(Message(role="user", content=words(number, 80)))
        steps.append(_llm(*said, answer=answer))
        said.append(Message(role="assistant", content=answer))
    return Trace.of(steps)


def doing(actions: Iterable[str]) -> Trace:
    """A step per action, which is all that tells it from others."""
    return Trace.of([Custom(name=action, input={"does": action}) for action in actions])


def edited(before: Sequence[str], dice: random.Random) -> list[str]:
    """A tenth left out, a tenth replaced, a tenth added."""
    after = []
    for place, action in enumerate(before):
        fate = dice.random()
        if fate < 0.1:
            continue
        after.append(f"new {place}" if fate < 0.2 else action)
        if fate > 0.9:
            after.append(f"extra {place}")
    return after
