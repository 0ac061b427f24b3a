"""A returns desk: the OpenAI responses API, a loop and three tools."""

from __future__ import annotations

import json
from typing import Any

from openai import OpenAI

from pytest_opswald import tool

INSTRUCTIONS = "You run the returns desk. Follow the policy: read it before you refund anything."


@tool
def lookup_order(order_id: int) -> dict[str, Any]:
    """The shop's database, in real life."""
    return {"order_id": order_id, "item": "lamp", "amount": 64.5, "days_since_delivery": 45}


@tool
def read_policy(topic: str) -> str:
    """The company's handbook, in real life."""
    return f"{topic}: refunds within 30 days of delivery; store credit of 50% within 60 days."


@tool
def refund(order_id: int, amount: float) -> str:
    """The payment provider, in real life."""
    return f"refunded {amount:.2f} for order {order_id}"


TOOLS = {"lookup_order": lookup_order, "read_policy": read_policy, "refund": refund}


def returns_desk(question: str, *, model: str = "gpt-5.2") -> str:
    """Answer one customer, calling tools until the LLM has nothing more to ask."""
    client = OpenAI()
    items: list[Any] = [{"role": "user", "content": question}]
    while True:
        response = client.responses.create(
            model=model, instructions=INSTRUCTIONS, input=items, tools=SCHEMAS, store=False
        )
        items += [item.to_dict() for item in response.output]
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return response.output_text
        items += [_result_of(call) for call in calls]


def _result_of(call: Any) -> dict[str, str]:
    result = TOOLS[call.name](**json.loads(call.arguments))
    return {"type": "function_call_output", "call_id": call.call_id, "output": json.dumps(result)}


def _schema(name: str, description: str, **parameters: str) -> Any:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": {key: {"type": kind} for key, kind in parameters.items()},
            "required": list(parameters),
            "additionalProperties": False,
        },
        "strict": True,
    }


SCHEMAS = [
    _schema("lookup_order", "Find an order by its number.", order_id="integer"),
    _schema("read_policy", "What the handbook says on a topic.", topic="string"),
    _schema("refund", "Pay money back.", order_id="integer", amount="number"),
]
