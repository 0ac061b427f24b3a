"""Responses: items in, items out, and events that end in the whole response."""

from __future__ import annotations

import pytest

from pytest_opswald.trace.steps import Message, Tokens, ToolRequest
from pytest_opswald.wire.base import ToolEcho
from pytest_opswald.wire.openai_responses import OpenAIResponses

wire = OpenAIResponses()

CALL = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "lookup",
    "arguments": '{"id":42}',
    "status": "completed",
}
REQUESTED = ToolRequest(function="lookup", arguments={"id": 42}, id="call_1")


def said(*parts):
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": list(parts)}


def text(words):
    return {"type": "output_text", "text": words, "annotations": []}


def answer(*items, **known):
    return {
        "id": "resp_1",
        "model": "gpt-5.2-2025-12-11",
        "status": "completed",
        "error": None,
        "output": list(items),
        **known,
    }


def test_a_request_is_read(exchange):
    """Instructions come first; calls, results and other items keep their order."""
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    request = {
        "model": "gpt-5.2",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Hi"},
            reasoning,
            CALL,
            {"type": "function_call_output", "call_id": "call_1", "output": "paid"},
            {"type": "message", "role": "assistant", "content": [text("Paid"), text(".")]},
        ],
        "temperature": 0,
        "max_output_tokens": 9,
        "tools": [{"type": "function", "name": "lookup"}, {"type": "web_search"}],
        "text": {"format": {"type": "json_object"}},
    }

    asked = wire.read(exchange("openai_responses", request, body=answer(said(text("ok"))))).input

    assert asked.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Hi"),
        Message(role="assistant", content=[reasoning]),
        Message(role="assistant", tool_calls=(REQUESTED,)),
        Message(role="tool", content="paid", tool_call_id="call_1"),
        Message(role="assistant", content="Paid."),
    )
    assert (asked.temperature, asked.max_tokens) == (0, 9)
    assert asked.tools == ("lookup", "web_search")
    assert asked.response_format == {"type": "json_object"}


def test_a_plain_input_is_what_the_user_says(exchange):
    """A string stands for one user message."""
    reading = wire.read(exchange("openai_responses", body=answer(said(text("ok")))))

    assert reading.input.messages == (Message(role="user", content="Hi"),)


@pytest.mark.parametrize(
    ("items", "known"),
    [
        ([said(text("Hel"), text("lo"))], {"content": "Hello"}),
        ([said({"type": "refusal", "refusal": "No."})], {"refusal": "No."}),
        ([CALL, CALL], {"tool_calls": (REQUESTED, REQUESTED)}),
        (
            [{"type": "custom_tool_call", "call_id": "c", "name": "sh", "input": "ls"}],
            {"tool_calls": (ToolRequest(function="sh", arguments={"input": "ls"}, id="c"),)},
        ),
        (
            [{"type": "computer_call", "call_id": "c", "action": {"type": "click"}}],
            {
                "tool_calls": (
                    ToolRequest(function="computer", arguments={"type": "click"}, id="c"),
                )
            },
        ),
        ([{"type": "web_search_call", "id": "ws_1", "status": "completed"}], {}),
        (
            [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "2+2"}]}],
            {"reasoning": "2+2"},
        ),
    ],
    ids=[
        "text",
        "refusal",
        "parallel tool calls",
        "custom tool",
        "computer",
        "run by the provider",
        "reasoning",
    ],
)
def test_an_answer_is_read(exchange, items, known):
    """Every kind of output item finds its field."""
    output = wire.read(exchange("openai_responses", body=answer(*items))).output

    expected = {"finish_reason": "completed", "model": "gpt-5.2-2025-12-11", **known}
    assert output == type(output)(**expected)


def test_an_incomplete_response_says_why(exchange):
    """The reason is worth more than the status."""
    body = answer(status="incomplete", incomplete_details={"reason": "max_output_tokens"})

    reading = wire.read(exchange("openai_responses", body=body))

    assert reading.output.finish_reason == "max_output_tokens"


def test_a_failed_response_is_an_error(exchange):
    """Status 200 does not hide a failure."""
    body = answer(status="failed", error={"code": "server_error", "message": "It broke."})
    http = exchange("openai_responses", body=body)

    assert wire.read(http).error.message == "It broke."
    assert wire.reply(http) == ()


def test_usage_is_counted(exchange):
    """Cached and reasoning tokens are parts of the whole."""
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 60},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 12},
    }

    tokens = wire.read(exchange("openai_responses", body=answer(usage=usage))).tokens

    assert tokens == Tokens(input=100, output=20, cached=60, reasoning=12)


STREAM = [
    {"type": "response.created", "response": answer(status="in_progress")},
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {"type": "message", "role": "assistant", "content": []},
    },
    {
        "type": "response.output_text.delta",
        "output_index": 0,
        "content_index": 0,
        "delta": "Let me ",
    },
    {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "look."},
    {"type": "response.output_item.done", "output_index": 0, "item": said(text("Let me look."))},
    {
        "type": "response.output_item.added",
        "output_index": 1,
        "item": {**CALL, "arguments": ""},
    },
    {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"id":'},
    {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "42}"},
    {"type": "response.completed", "response": answer(said(text("Let me look.")), CALL)},
]


def test_a_stream_ends_in_the_response(exchange):
    """The terminal event carries all that was said."""
    http = exchange("openai_responses", stream=STREAM)

    reading = wire.read(http)

    assert reading.complete
    assert (reading.output.content, reading.output.tool_calls) == ("Let me look.", (REQUESTED,))
    assert wire.reply(http) == (said(text("Let me look.")), CALL)


def test_a_stream_that_broke_off_tells_what_came(exchange):
    """Without its terminal event the pieces are put together as far as they go."""
    texts = [
        wire.read(exchange("openai_responses", stream=STREAM[:length])).output.content
        for length in (2, 3, 4, 5)
    ]
    last = wire.read(exchange("openai_responses", stream=STREAM[:-1]))

    assert texts == [None, "Let me ", "Let me look.", "Let me look."]
    assert last.output.tool_calls == (REQUESTED,)
    assert not last.complete


def test_an_error_event_is_an_error(exchange):
    """It ends the stream and says why."""
    failed = {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down."}

    assert wire.read(exchange("openai_responses", stream=[STREAM[0], failed])).error.message == (
        "Slow down."
    )


def test_tool_results_are_found_in_a_request():
    """An output item is tied to its call where the request carries both."""
    body = {
        "input": [
            CALL,
            {"type": "function_call_output", "call_id": "call_1", "output": "paid"},
            {"type": "custom_tool_call_output", "call_id": "call_0", "output": "?"},
        ]
    }

    assert wire.tool_echoes(body) == (
        ToolEcho("call_1", "paid", name="lookup"),
        ToolEcho("call_0", "?"),
    )
