"""Agents that end-to-end tests record, and the models they talk to."""

from __future__ import annotations

from local_provider import Ask, Call, Reply, Say

REFUND_AGENT = """
import json
import uuid
from datetime import datetime, timezone

import pytest_opswald as opswald
from chat import chat
from ran import ran

PROMPT = "You help customers of a book shop."


@opswald.tool
def lookup_order(order_id):
    ran("lookup_order")
    return {
        "order_id": order_id,
        "total": 19.9,
        "seen_at": datetime.now(timezone.utc).isoformat(),
        "request": str(uuid.uuid4()),
    }


@opswald.tool
def get_policy(topic, country="DE"):
    ran("get_policy")
    return f"{topic} within 30 days ({country})"


@opswald.tool
def refund(order_id, amount):
    ran("refund")
    return {"refunded": amount, "id": str(uuid.uuid4())}


TOOLS = {"lookup_order": lookup_order, "get_policy": get_policy, "refund": refund}


def is_refund(reply):
    return [call["function"]["name"] for call in reply.get("tool_calls", ())] == ["refund"]


def answer(question, model="gpt-5.2", temperature=0.2, prompt=PROMPT):
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": question}]
    while True:
        reply = chat(model=model, temperature=temperature, messages=messages, tools=SCHEMAS)
        messages.append(reply)
        if not reply.get("tool_calls"):
            return reply["content"]
        for call in reply["tool_calls"]:
            function = call["function"]
            result = TOOLS[function["name"]](**json.loads(function["arguments"]))
            messages.append(
                {"role": "tool", "tool_call_id": call["id"], "content": json.dumps(result)}
            )


SCHEMAS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in TOOLS
]
"""
"""Three LLM calls, three tools of which two are asked for at once; results hold a time and a uuid."""

REFUND_TEST = """
from agent import answer

def test_refund(opswald):
    answer("Refund order 42.")
"""


def refund_model(ask: Ask) -> Reply:
    """Looks the order and the policy up at once, refunds, answers."""
    if not ask.results:
        return [Call("lookup_order", order_id=42), Call("get_policy", topic="refunds")]
    if len(ask.results) == 2:
        return Call("refund", order_id=42, amount=19.9)
    return Say("Refunded 19.9 EUR for order 42.")
