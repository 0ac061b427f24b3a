"""Traces to make golden tests and replays of."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.test_traces import stored

ASKED = {"role": "user", "content": "Refund order 42"}
CALL = {"id": "call_1", "function": "lookup_order", "arguments": {"order_id": 42}}
ORDER = '{"order_id": 42, "total": 19.9, "currency": "EUR"}'
ANSWER = "Order 42 is refunded: 19.9 EUR arrive within 3 days."
STEPS: tuple[dict[str, Any], ...] = (
    {"type": "user_input", "input": {"message": "Refund order 42"}},
    {
        "type": "llm_call",
        "input": {"model": "gpt-4o", "messages": [ASKED], "temperature": 0.1},
        "output": {"tool_calls": [CALL]},
        "tokens": {"input": 20, "output": 9},
        "duration_ms": 60_000,
        "cost": 0.01,
    },
    {
        "type": "tool_call",
        "input": {"tool": "lookup_order", "arguments": {"order_id": 42}, "tool_call_id": "call_1"},
        "duration_ms": 60_000,
    },
    {
        "type": "tool_result",
        "input": {"tool": "lookup_order", "tool_call_id": "call_1"},
        "output": {"result": ORDER},
        "duration_ms": 60_000,
    },
    {
        "type": "llm_call",
        "input": {
            "model": "gpt-4o",
            "messages": [
                ASKED,
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "content": ORDER, "tool_call_id": "call_1"},
            ],
            "temperature": 0.1,
        },
        "output": {"content": ANSWER},
        "tokens": {"input": 50, "output": 12},
        "duration_ms": 60_000,
        "cost": 0.02,
    },
    {"type": "response", "output": {"message": ANSWER}, "duration_ms": 60_000},
)
"""Six steps: a question, two LLM calls, a tool between them, an answer. A minute each but one."""


def refund(api: httpx.Client, **said: Any) -> str:
    """The id of a trace that says so."""
    body = {"started_at": "2026-03-17T14:00:00Z", "steps": STEPS} | said
    return str(stored(api, body)["id"])
