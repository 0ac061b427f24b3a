"""Messages: blocks in, blocks out, and usage that leaves the cache out."""

from __future__ import annotations

import pytest

from pytest_opswald.trace.steps import Message, Tokens, ToolRequest
from pytest_opswald.wire.anthropic import Anthropic
from pytest_opswald.wire.base import ToolEcho

wire = Anthropic()

USE = {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"id": 42}}
REQUESTED = ToolRequest(function="lookup", arguments={"id": 42}, id="toolu_1")
THOUGHT = {"type": "thinking", "thinking": "2+2", "signature": "sig"}


def text(words):
    return {"type": "text", "text": words}


def result(words, **known):
    return {"type": "tool_result", "tool_use_id": "toolu_1", "content": words, **known}


def answer(*blocks, **known):
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": list(blocks),
        "stop_reason": "end_turn",
        **known,
    }


def test_a_request_is_read(exchange):
    """The system prompt comes first; tool results stand apart, tool calls beside the text."""
    image = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    request = {
        "model": "claude-sonnet-5",
        "system": [text("Be brief.")],
        "max_tokens": 9,
        "temperature": 0,
        "messages": [
            {"role": "user", "content": [text("What is this?"), image]},
            {"role": "assistant", "content": [THOUGHT, text("Let me look."), USE]},
            {"role": "user", "content": [result([text("paid")]), text("And?")]},
            {"role": "assistant", "content": "Paid."},
        ],
        "tools": [
            {"name": "lookup", "input_schema": {}},
            {"type": "web_search_20250305", "name": "web_search"},
        ],
        "output_config": {"format": {"type": "json_schema"}},
    }

    asked = wire.read(exchange("anthropic", request, body=answer(text("ok")))).input

    assert asked.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content=[text("What is this?"), image]),
        Message(role="assistant", content=[THOUGHT, text("Let me look.")], tool_calls=(REQUESTED,)),
        Message(role="tool", content="paid", tool_call_id="toolu_1"),
        Message(role="user", content="And?"),
        Message(role="assistant", content="Paid."),
    )
    assert (asked.temperature, asked.max_tokens) == (0, 9)
    assert asked.tools == ("lookup", "web_search")
    assert asked.response_format == {"type": "json_schema"}
    assert asked.provider == "anthropic"


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (answer(text("Hel"), text("lo")), {"content": "Hello"}),
        (answer(THOUGHT, text("4")), {"content": "4", "reasoning": "2+2"}),
        (
            answer(USE, USE, stop_reason="tool_use"),
            {"tool_calls": (REQUESTED, REQUESTED), "finish_reason": "tool_use"},
        ),
        (
            answer({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
            {},
        ),
        (
            answer(stop_reason="refusal", stop_details={"explanation": "Not this."}),
            {"refusal": "Not this.", "finish_reason": "refusal"},
        ),
    ],
    ids=["text", "thinking", "parallel tool calls", "run by the provider", "refusal"],
)
def test_an_answer_is_read(exchange, body, known):
    """Every kind of block finds its field."""
    output = wire.read(exchange("anthropic", body=body)).output

    expected = {"finish_reason": "end_turn", "model": "claude-sonnet-5", **known}
    assert output == type(output)(**expected)


def test_the_cache_is_part_of_the_input(exchange):
    """Anthropic counts what it read from and wrote to the cache apart; we do not."""
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 60,
        "cache_creation_input_tokens": 30,
        "output_tokens": 20,
        "output_tokens_details": {"thinking_tokens": 12},
    }

    tokens = wire.read(exchange("anthropic", body=answer(text("ok"), usage=usage))).tokens

    assert tokens == Tokens(input=100, output=20, cached=60, cache_write=30, reasoning=12)


def started(index, block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, **known):
    return {"type": "content_block_delta", "index": index, "delta": known}


STREAM = [
    {
        "type": "message_start",
        "message": answer(stop_reason=None, usage={"input_tokens": 10, "output_tokens": 1}),
    },
    started(0, {"type": "thinking", "thinking": "", "signature": ""}),
    delta(0, type="thinking_delta", thinking="2+"),
    delta(0, type="thinking_delta", thinking="2"),
    delta(0, type="signature_delta", signature="sig"),
    {"type": "content_block_stop", "index": 0},
    started(1, text("")),
    {"type": "ping"},
    delta(1, type="text_delta", text="Let me "),
    delta(1, type="text_delta", text="look."),
    started(2, {**USE, "input": {}}),
    delta(2, type="input_json_delta", partial_json=""),
    delta(2, type="input_json_delta", partial_json='{"id"'),
    delta(2, type="input_json_delta", partial_json=": 42}"),
    started(3, {**USE, "id": "toolu_2", "input": {}}),
    {
        "type": "message_delta",
        "delta": {"stop_reason": "tool_use", "stop_sequence": None},
        "usage": {"output_tokens": 20, "input_tokens": None},
    },
    {"type": "message_stop"},
]


def test_a_stream_folds_into_the_message(exchange):
    """Thoughts, text and tool input come in pieces; counts are told in two places."""
    http = exchange("anthropic", stream=STREAM)

    reading = wire.read(http)

    assert reading.complete
    assert (reading.output.content, reading.output.reasoning) == ("Let me look.", "2+2")
    assert reading.output.tool_calls == (
        REQUESTED,
        ToolRequest(function="lookup", arguments={}, id="toolu_2"),
    )
    assert reading.output.finish_reason == "tool_use"
    assert reading.tokens == Tokens(input=10, output=20)
    assert wire.reply(http) == (
        {
            "role": "assistant",
            "content": [THOUGHT, text("Let me look."), USE, {**USE, "id": "toolu_2", "input": {}}],
        },
    )


def test_tool_input_that_was_cut_is_kept_and_named(exchange):
    """The token limit may fall inside the arguments."""
    stream = [*STREAM[:13], {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}]

    reading = wire.read(exchange("anthropic", stream=[*stream, {"type": "message_stop"}]))

    (request,) = reading.output.tool_calls
    assert reading.complete
    assert request.arguments == '{"id"'
    assert request.args_error


def test_a_stream_that_broke_off_is_incomplete(exchange):
    """Only `message_stop` ends a message."""
    incomplete = [
        wire.read(exchange("anthropic", stream=STREAM[:length])) for length in range(len(STREAM))
    ]

    assert not any(reading.complete for reading in incomplete)


def test_an_error_event_is_an_error(exchange):
    """An overloaded provider says so in the stream."""
    failed = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    http = exchange("anthropic", stream=[STREAM[0], failed])

    assert wire.read(http).error.message == "Overloaded"
    assert wire.reply(http) == ()


def test_tool_results_are_found_in_a_request():
    """A result block is tied to its call, and says when the tool failed."""
    body = {
        "model": "claude-sonnet-5",
        "messages": [
            {"role": "assistant", "content": [USE]},
            {"role": "user", "content": [result("no such order", is_error=True)]},
        ],
    }

    assert wire.tool_echoes(body) == (
        ToolEcho("toolu_1", "no such order", is_error=True, name="lookup"),
    )
