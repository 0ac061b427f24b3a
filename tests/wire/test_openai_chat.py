"""Chat completions: what was asked, what was answered, what it cost."""

from __future__ import annotations

import pytest

from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import Message, Tokens, ToolRequest
from pytest_opswald.wire.base import ToolEcho
from pytest_opswald.wire.openai_chat import OpenAIChat

wire = OpenAIChat()

CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "lookup", "arguments": '{"id":42}'},
}
REQUESTED = ToolRequest(function="lookup", arguments={"id": 42}, id="call_1")


def answer(message, **known):
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "model": "gpt-5.2-2025-12-11", "choices": [choice], **known}


def chunk(delta, reason=None, **known):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "chatcmpl-1", "model": "gpt-5.2-2025-12-11", "choices": [choice], **known}


def piece(index, **known):
    return {"tool_calls": [{"index": index, **known}]}


def test_a_request_is_read(exchange):
    """Model, settings, tools and format are found where chat completions keep them."""
    asked = wire.read(
        exchange(
            "openai_chat",
            {
                "model": "gpt-5.2",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                    {"role": "assistant", "content": None, "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "call_1", "content": "paid"},
                ],
                "temperature": 0,
                "max_completion_tokens": 9,
                "top_p": 0.5,
                "seed": 7,
                "tools": [
                    {"type": "function", "function": {"name": "lookup", "parameters": {}}},
                    {"type": "custom", "custom": {"name": "shell"}},
                    {"type": "web_search"},
                ],
                "response_format": {"type": "json_object"},
                "stream": True,
            },
            stream=["[DONE]"],
        )
    ).input

    assert asked.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Hi"),
        Message(role="assistant", tool_calls=(REQUESTED,)),
        Message(role="tool", content="paid", tool_call_id="call_1"),
    )
    assert (asked.temperature, asked.max_tokens, asked.top_p, asked.seed) == (0, 9, 0.5, 7)
    assert asked.tools == ("lookup", "shell", "web_search")
    assert asked.response_format == {"type": "json_object"}
    assert asked.provider == "openai"
    assert asked.stream


def test_images_stay_the_providers_blocks(exchange):
    """Content that is more than text is kept as it was sent."""
    blocks = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    request = {"model": "gpt-5.2", "messages": [{"role": "user", "content": blocks}]}

    reading = wire.read(exchange("openai_chat", request, body=answer({"content": "A cat."})))

    assert reading.input.messages[0].content == blocks


@pytest.mark.parametrize(
    ("message", "known"),
    [
        ({"content": "Hello."}, {"content": "Hello."}),
        ({"content": None, "refusal": "I won't."}, {"refusal": "I won't."}),
        ({"content": "4", "reasoning_content": "2+2"}, {"content": "4", "reasoning": "2+2"}),
        ({"content": "4", "reasoning": "2+2"}, {"content": "4", "reasoning": "2+2"}),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "2+2"}]},
                    {"type": "text", "text": "4"},
                ]
            },
            {"content": "4", "reasoning": "2+2"},
        ),
        ({"content": '{"a": 1}'}, {"content": '{"a": 1}'}),
        ({"content": None, "tool_calls": [CALL, CALL]}, {"tool_calls": (REQUESTED, REQUESTED)}),
        (
            {
                "tool_calls": [
                    {"id": "c", "type": "custom", "custom": {"name": "sh", "input": "ls"}}
                ]
            },
            {"tool_calls": (ToolRequest(function="sh", arguments={"input": "ls"}, id="c"),)},
        ),
        (
            {"content": None, "function_call": {"name": "lookup", "arguments": "{}"}},
            {"tool_calls": (ToolRequest(function="lookup"),)},
        ),
        (
            {"content": "4", "refusal": "", "function_call": {"name": "", "arguments": ""}},
            {"content": "4"},
        ),
    ],
    ids=[
        "text",
        "refusal",
        "deepseek reasoning",
        "groq reasoning",
        "mistral thinking",
        "structured output",
        "parallel tool calls",
        "custom tool",
        "legacy function call",
        "every field, empty",
    ],
)
def test_an_answer_is_read(exchange, message, known):
    """Every kind of answer finds its field."""
    output = wire.read(exchange("openai_chat", body=answer(message))).output

    expected = {"finish_reason": "stop", "model": "gpt-5.2-2025-12-11", **known}
    assert output.model_dump(exclude_defaults=True) == type(output)(**expected).model_dump(
        exclude_defaults=True
    )


@pytest.mark.parametrize(
    ("arguments", "read", "complains"),
    [
        ("", {}, False),
        (None, {}, False),
        ('{"id": 4', '{"id": 4', True),
        ("[1]", "[1]", True),
    ],
    ids=["blank", "absent", "cut", "no object"],
)
def test_malformed_arguments_are_kept_and_named(exchange, arguments, read, complains):
    """A tool call never fails to be read; what is wrong with its arguments stands beside them."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}

    (request,) = wire.read(
        exchange("openai_chat", body=answer({"tool_calls": [call]}))
    ).output.tool_calls

    assert request.arguments == read
    assert bool(request.args_error) is complains


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 5},
                "completion_tokens_details": {"reasoning_tokens": 12},
            },
            Tokens(input=100, output=20, cached=60, cache_write=5, reasoning=12),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 8,
                "total_tokens": 120,
                "completion_tokens_details": {"reasoning_tokens": 12},
            },
            Tokens(input=100, output=20, reasoning=12),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_cache_hit_tokens": 8},
            Tokens(input=10, output=2, cached=8),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": None},
            Tokens(input=10, output=2),
        ),
        (None, None),
    ],
    ids=["openai", "reasoning apart", "deepseek", "no details", "none"],
)
def test_usage_is_counted_alike(exchange, usage, tokens):
    """Reasoning is part of the output and cached tokens part of the input, whoever counts."""
    body = answer({"content": "ok"}, usage=usage)

    assert wire.read(exchange("openai_chat", body=body)).tokens == tokens


STREAM = [
    chunk({"role": "assistant", "content": "Let me "}),
    chunk({"content": "look."}),
    chunk(piece(0, id="call_1", type="function", function={"name": "lookup", "arguments": ""})),
    chunk(piece(0, function={"arguments": '{"id"'})),
    chunk(piece(1, id="call_2", type="function", function={"name": "pay", "arguments": "{}"})),
    chunk(piece(0, function={"arguments": ":42}"})),
    chunk({}, "tool_calls"),
    {
        "model": "gpt-5.2-2025-12-11",
        "choices": [],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    },
    "[DONE]",
]


def test_a_stream_folds_into_the_same_answer(exchange):
    """Pieces of text and of parallel tool calls come together; usage comes last."""
    reading = wire.read(exchange("openai_chat", stream=STREAM))

    assert reading.complete
    assert reading.output.content == "Let me look."
    assert reading.output.tool_calls == (
        REQUESTED,
        ToolRequest(function="pay", arguments={}, id="call_2"),
    )
    assert reading.output.finish_reason == "tool_calls"
    assert reading.tokens == Tokens(input=7, output=3)


def test_groq_keeps_the_usage_of_a_stream_apart(exchange):
    """The last chunk carries it beside the choices."""
    usage = {"prompt_tokens": 7, "completion_tokens": 3}

    reading = wire.read(
        exchange("openai_chat", stream=[chunk({}, "stop", x_groq={"usage": usage})])
    )

    assert reading.tokens == Tokens(input=7, output=3)


def test_pieces_without_index_follow_their_id(exchange):
    """Providers that number nothing begin a call with its id."""
    pieces = [
        {"id": "a", "function": {"name": "f", "arguments": "{"}},
        {"function": {"arguments": "}"}},
        {"id": "b", "function": {"name": "g", "arguments": "{}"}},
    ]

    reading = wire.read(
        exchange("openai_chat", stream=[chunk({"tool_calls": [p]}) for p in pieces])
    )

    assert [(call.id, call.function) for call in reading.output.tool_calls] == [
        ("a", "f"),
        ("b", "g"),
    ]


@pytest.mark.parametrize("length", range(6))
def test_a_stream_that_broke_off_is_incomplete(exchange, length):
    """Without a finish reason or `[DONE]` what came is read, and not called whole."""
    reading = wire.read(exchange("openai_chat", stream=STREAM[:length], ended="error"))

    assert not reading.complete


def test_an_error_in_a_stream_is_an_error(exchange):
    """Groq and OpenRouter answer 200 and fail on the way."""
    failed = {"error": {"message": "tool call validation failed", "code": "tool_use_failed"}}
    http = exchange("openai_chat", stream=[STREAM[0], failed])

    assert wire.read(http).error.message == "tool call validation failed"
    assert wire.reply(http) == ()


@pytest.mark.parametrize(
    "known", [{"body": answer({"content": None, "tool_calls": [CALL]})}, {"stream": STREAM[2:6]}]
)
def test_a_reply_is_the_message_a_client_appends(exchange, known):
    """Role, content and tool calls, as an assistant message."""
    (reply,) = wire.reply(exchange("openai_chat", **known))

    assert reply["role"] == "assistant"
    assert reply["content"] is None
    assert reply["tool_calls"][0] == CALL


def test_tool_results_are_found_in_a_request():
    """A tool message is tied by id to the name of the call before it."""
    body = {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "tool_calls": [CALL]},
            {
                "role": "tool",
                "tool_call_id": "call_1",
                "content": [{"type": "text", "text": "paid"}],
            },
            {"role": "tool", "tool_call_id": "call_0", "content": "?"},
        ]
    }

    assert wire.tool_echoes(body) == (
        ToolEcho("call_1", "paid", name="lookup"),
        ToolEcho("call_0", "?"),
    )


def test_azure_names_the_model_in_the_path(exchange):
    """A deployment stands for the model, when read and when changed."""
    url = "https://me.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=1"
    http = exchange("openai_chat", {"messages": []}, body=answer({"content": "ok"}))

    asked = wire.read(http.model_copy(update={"url": url})).input

    assert (asked.model, asked.provider) == ("gpt-4o", "azure")
    assert wire.redirect(url, Changes(model="gpt-5.2")) == url.replace("gpt-4o", "gpt-5.2")
    assert wire.redirect(url, Changes(temperature=0)) == url
