"""Tool calls and results that a request carries, and other results in their stead."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.wire.registry import by_name

BODIES: dict[str, dict[str, Any]] = {
    "openai_chat": {
        "model": "m",
        "messages": [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "a", "arguments": "{}"}},
                    {"id": "2", "type": "function", "function": {"name": "b", "arguments": "{}"}},
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "one"},
            {"role": "tool", "tool_call_id": "2", "content": "two"},
        ],
    },
    "openai_responses": {
        "model": "m",
        "input": [
            {"role": "user", "content": "hi"},
            {"type": "function_call", "call_id": "1", "name": "a", "arguments": "{}"},
            {"type": "function_call", "call_id": "2", "name": "b", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "one"},
            {"type": "function_call_output", "call_id": "2", "output": "two"},
        ],
    },
    "anthropic": {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "1", "name": "a", "input": {}},
                    {"type": "tool_use", "id": "2", "name": "b", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "1", "content": "one"},
                    {"type": "tool_result", "tool_use_id": "2", "content": "two"},
                ],
            },
        ],
    },
}


@pytest.mark.parametrize(("name", "body"), BODIES.items(), ids=BODIES)
def test_calls_are_named_in_order(name: str, body: dict[str, Any]) -> None:
    """With the ids that results go by."""
    found = by_name(name).tool_requests(body)

    assert [(call.id, call.function) for call in found] == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize(("name", "body"), BODIES.items(), ids=BODIES)
def test_only_the_results_that_are_given_change(name: str, body: dict[str, Any]) -> None:
    """The body itself is left alone, and nothing else differs in the new one."""
    wire = by_name(name)

    changed = wire.with_tool_results(body, {"2": "pinned"})

    assert [echo.content for echo in wire.tool_echoes(changed)] == ["one", "pinned"]
    assert [echo.content for echo in wire.tool_echoes(body)] == ["one", "two"]
    assert wire.with_tool_results(changed, {"2": "two"}) == body


@pytest.mark.parametrize("name", BODIES)
def test_foreign_bodies_stay_as_they_are(name: str) -> None:
    """A conversation that is a text, or none at all."""
    wire = by_name(name)

    for body in ({"input": "hi"}, {"messages": 3}, {}):
        assert wire.with_tool_results(body, {"1": "x"}) == body
