"""A support agent: the OpenAI SDK, a loop and two tools."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from openai import OpenAI

from pytest_opswald import tool

INSTRUCTIONS = "You support customers of a book shop. Look an order up before you refund it."


@tool
def lookup_order(order_id: int) -> dict[str, Any]:
    """The shop's database, in real life."""
    return {"order_id": order_id, "item": "Moby-Dick", "total": 19.9, "currency": "EUR"}


@tool
def refund(order_id: int, amount: float) -> dict[str, Any]:
    """The payment provider, in real life: not something a test may call twice."""
    return {
        "refund_id": str(uuid.uuid4()),
        "order_id": order_id,
        "amount": amount,
        "at": datetime.now(UTC).isoformat(),
    }


TOOLS = {"lookup_order": lookup_order, "refund": refund}


def support_agent(question: str, *, model: str = "gpt-5.2") -> str | None:
    """Answer one customer, calling tools until the LLM has nothing more to ask."""
    client = OpenAI()
    messages: list[Any] = [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": question},
    ]
    while True:
        completion = client.chat.completions.create(model=model, messages=messages, tools=SCHEMAS)
        answer = completion.choices[0].message
        messages.append(answer)
        if not answer.tool_calls:
            return answer.content
        messages.extend(_result_of(call) for call in answer.tool_calls)


def _result_of(call: Any) -> dict[str, str]:
    result = TOOLS[call.function.name](**json.loads(call.function.arguments))
    return {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}


def _schema(name: str, description: str, **parameters: str) -> Any:
    properties = {key: {"type": kind} for key, kind in parameters.items()}
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
            },
        },
    }


SCHEMAS = [
    _schema("lookup_order", "Find an order by its number.", order_id="integer"),
    _schema("refund", "Pay the price of an order back.", order_id="integer", amount="number"),
]
