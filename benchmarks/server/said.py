"""What agents say: events one by one, whole traces, and a conversation that goes on and on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

MODELS = ("gpt-5.2", "gpt-5.2-mini", "claude-sonnet-5", "gemini-3-pro")
_WORDS = ("order", "parcel", "refund", "tomorrow", "truck", "customer", "because", "never")
Json = dict[str, Any]


def event(session: str, number: int) -> bytes:
    """One of the five steps in which an agent answers a question."""
    step = steps(5)[number % 5]
    data = {name: value for name, value in step.items() if name != "type"}
    return json.dumps({"event_type": step["type"], "session_id": session, "data": data}).encode()


def trace(count: int, **facts: Any) -> Json:
    """A whole trace of so many steps, as it is sent."""
    started = datetime.now(UTC).isoformat()
    return {"started_at": started, "user_id": "user_1", "steps": steps(count), **facts}


def steps(count: int, model: str = MODELS[0]) -> list[Json]:
    question = {"role": "user", "content": "Where is order 42?"}
    lookup = {"tool": "lookup", "arguments": {"order": 42}}
    call = {"model": model, "messages": [question]}
    usage = {"cost": 0.0012, "tokens": {"input": 150, "output": 45}}
    turn: list[Json] = [
        {"type": "user_input", "input": {"message": question["content"]}},
        {"type": "llm_call", "input": call, "output": {"content": "Let me see."}, **usage},
        {"type": "tool_call", "input": lookup},
        {"type": "tool_result", "input": {"tool": "lookup"}, "output": {"result": "shipped"}},
        {"type": "response", "output": {"message": "It was shipped on Monday."}},
    ]
    return (turn * (count // 5 + 1))[:count]


def chat(calls: int) -> tuple[Json, int]:
    """A trace whose every call repeats all that was said before, and bytes of distinct text."""
    texts = _texts(Random(5))
    messages: list[Json] = []
    made: list[Json] = []
    for _ in range(calls):
        messages.append({"role": "user", "content": next(texts)})
        answer = {"role": "assistant", "content": next(texts)}
        made.append(
            {
                "type": "llm_call",
                "input": {"model": MODELS[0], "messages": list(messages)},
                "output": {"content": answer["content"]},
            }
        )
        messages.append(answer)
    return {"started_at": datetime.now(UTC), "steps": made}, sum(
        len(message["content"]) for message in messages
    )


def _texts(random: Random) -> Iterator[str]:
    while True:
        yield " ".join(f"{random.choice(_WORDS)}{random.randrange(1000)}" for _ in range(30))
