"""An on-call assistant: the async OpenAI SDK, tools that run side by side."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from openai import AsyncOpenAI

from pytest_opswald import tool

INSTRUCTIONS = "You help the engineer on call. Gather evidence, then say what to do."


@tool
async def list_alerts(service: str) -> list[str]:
    """The monitoring system, in real life."""
    return [f"{service}: 5xx rate 12% since 14:02", f"{service}: p99 latency 4.1 s"]


@tool
async def read_logs(service: str) -> str:
    """The log store, in real life."""
    return f"14:02:11 {service} ERROR connection pool exhausted (50 of 50 in use)"


@tool
async def list_deploys(service: str) -> list[dict[str, str]]:
    """The deployment system, in real life."""
    return [{"service": service, "version": "v218", "at": "13:58", "change": "pool size 200 -> 50"}]


TOOLS = {"list_alerts": list_alerts, "read_logs": read_logs, "list_deploys": list_deploys}


async def on_call(question: str, *, model: str = "gpt-5.2") -> str | None:
    """Answer one engineer, running the tools of a turn side by side."""
    client = AsyncOpenAI()
    messages: list[Any] = [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": question},
    ]
    while True:
        completion = await client.chat.completions.create(
            model=model, messages=messages, tools=SCHEMAS
        )
        answer = completion.choices[0].message
        messages.append(answer)
        if not answer.tool_calls:
            return answer.content
        messages += await asyncio.gather(*map(_result_of, answer.tool_calls))


async def _result_of(call: Any) -> dict[str, str]:
    result = await TOOLS[call.function.name](**json.loads(call.function.arguments))
    return {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}


def _schema(name: str, description: str) -> Any:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": {"service": {"type": "string"}},
                "required": ["service"],
            },
        },
    }


SCHEMAS = [
    _schema("list_alerts", "Alerts that are firing for a service."),
    _schema("read_logs", "Recent errors of a service."),
    _schema("list_deploys", "What was deployed for a service today."),
]
