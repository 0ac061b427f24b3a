"""What is asked of one provider, asked of another: nothing is lost but what is named."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.trace.steps import ToolRequest
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.swap.formats import ASKS
from pytest_opswald.wire.swap.talk import (
    Ask,
    Choice,
    Media,
    Shape,
    Text,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)

PIXEL = "iVBORw0KGgo="
CLOSED: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def call(call_id: str, city: str) -> ToolUse:
    return ToolUse(ToolRequest(function="weather", arguments={"city": city}, id=call_id))


CONVERSATION = Ask(
    turns=(
        Turn("system", (Text("Be brief."),)),
        Turn("user", (Text("What is this?"), Media("image", "image/png", PIXEL))),
        Turn("assistant", (Text("Let me see."), call("call_1", "Porto"), call("call_2", "Faro"))),
        Turn(
            "user",
            (
                ToolResult("call_1", (Text("rain"),)),
                ToolResult("call_2", (Text("sun"),)),
                Text("And now?"),
            ),
        ),
    ),
    tools=(Tool("weather", "By city.", CLOSED, True),),
    choice=Choice("tool", "weather"),
    parallel=False,
    shape=Shape(CLOSED, None, True),
    max_tokens=99,
    temperature=0.0,
    top_p=0.5,
    stream=True,
)
"""All that every format can say."""

CHAT = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
            ],
        },
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {
                    "id": call_id,
                    "type": "function",
                    "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'},
                }
                for call_id, city in (("call_1", "Porto"), ("call_2", "Faro"))
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "call_2", "content": "sun"},
        {"role": "user", "content": "And now?"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "By city.",
                "strict": True,
                "parameters": CLOSED,
            },
        }
    ],
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
    "parallel_tool_calls": False,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": CLOSED},
    },
    "max_tokens": 99,
    "temperature": 0.0,
    "top_p": 0.5,
    "stream": True,
    "stream_options": {"include_usage": True},
}
RESPONSES = {
    "model": "m",
    "input": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is this?"},
                {
                    "type": "input_image",
                    "detail": "auto",
                    "image_url": f"data:image/png;base64,{PIXEL}",
                },
            ],
        },
        {"role": "assistant", "content": "Let me see."},
        *(
            {
                "type": "function_call",
                "call_id": call_id,
                "name": "weather",
                "arguments": f'{{"city": "{city}"}}',
            }
            for call_id, city in (("call_1", "Porto"), ("call_2", "Faro"))
        ),
        {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
        {"type": "function_call_output", "call_id": "call_2", "output": "sun"},
        {"role": "user", "content": "And now?"},
    ],
    "tools": [
        {
            "type": "function",
            "name": "weather",
            "description": "By city.",
            "parameters": CLOSED,
            "strict": True,
        }
    ],
    "tool_choice": {"type": "function", "name": "weather"},
    "parallel_tool_calls": False,
    "text": {"format": {"type": "json_schema", "name": "answer", "strict": True, "schema": CLOSED}},
    "max_output_tokens": 99,
    "temperature": 0.0,
    "top_p": 0.5,
    "stream": True,
    "store": False,
}
ANTHROPIC = {
    "model": "m",
    "max_tokens": 99,
    "system": "Be brief.",
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
                },
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Porto"}},
                {"type": "tool_use", "id": "call_2", "name": "weather", "input": {"city": "Faro"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "call_1",
                    "content": [{"type": "text", "text": "rain"}],
                },
                {
                    "type": "tool_result",
                    "tool_use_id": "call_2",
                    "content": [{"type": "text", "text": "sun"}],
                },
                {"type": "text", "text": "And now?"},
            ],
        },
    ],
    "tools": [
        {"name": "weather", "description": "By city.", "strict": True, "input_schema": CLOSED}
    ],
    "tool_choice": {"type": "tool", "name": "weather", "disable_parallel_tool_use": True},
    "output_config": {"format": {"type": "json_schema", "schema": CLOSED}},
    "temperature": 0.0,
    "top_p": 0.5,
    "stream": True,
}
WRITTEN = {"openai_chat": CHAT, "openai_responses": RESPONSES, "anthropic": ANTHROPIC}
HI = {"role": "user", "content": "Hi"}


def translated(source: str, target: str, **body: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A small request in another format, and what was left out."""
    usual = {"input": "Hi"} if source == "openai_responses" else {"messages": [HI]}
    return ASKS[target].write(ASKS[source].read({**usual, **body}), "m")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_conversation_is_written(name: str) -> None:
    """System prompt, image, parallel tools, their results, choice, schema, limits: all there."""
    body, lost = ASKS[name].write(CONVERSATION, "m")

    assert body == WRITTEN[name]
    assert lost == ()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_conversation_is_read(name: str) -> None:
    """What one format writes, every format reads in the same way."""
    read = ASKS[name].read(WRITTEN[name])

    assert read.lost == ()
    assert ASKS["openai_chat"].write(read, "m") == (CHAT, ())


@pytest.mark.parametrize(
    ("source", "target", "said", "written"),
    [
        ("openai_chat", "anthropic", {"tool_choice": "required"}, {"type": "any"}),
        ("openai_chat", "anthropic", {"tool_choice": "none"}, {"type": "none"}),
        (
            "openai_chat",
            "anthropic",
            {"parallel_tool_calls": False},
            {"type": "auto", "disable_parallel_tool_use": True},
        ),
        ("openai_responses", "openai_chat", {"tool_choice": "required"}, "required"),
        ("openai_responses", "openai_chat", {"tool_choice": "auto"}, "auto"),
    ],
    ids=["any", "none", "one at a time", "required", "auto"],
)
def test_a_tool_choice_carries_over(
    source: str, target: str, said: dict[str, Any], written: Any
) -> None:
    """Each format has its own words for it."""
    tool = {"type": "function", "name": "f"}
    tools = [{"type": "function", "function": tool}] if source == "openai_chat" else [tool]

    body, _ = translated(source, target, tools=tools, **said)

    assert body["tool_choice"] == written


def test_anthropic_gets_the_limit_it_insists_on() -> None:
    """An OpenAI request needs none."""
    body, lost = translated("openai_chat", "anthropic")

    assert body["max_tokens"] == 8192
    assert lost == ()


def test_anthropic_is_offered_the_tools_that_a_conversation_used() -> None:
    """It refuses tool calls without tools; no tool may be called."""
    messages = [m for m in CHAT["messages"] if m["role"] != "system"]  # type: ignore[index]

    body, _ = translated("openai_chat", "anthropic", messages=messages)

    assert [tool["name"] for tool in body["tools"]] == ["weather"]
    assert body["tool_choice"] == {"type": "none"}


def test_system_messages_within_a_conversation_are_hoisted_and_named() -> None:
    """Anthropic has one system prompt; the neighbours become one turn."""
    messages = [{"role": "developer", "content": "A"}, HI, {"role": "system", "content": "B"}, HI]

    body, lost = translated("openai_chat", "anthropic", messages=messages)

    assert body["system"] == "A\n\nB"
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert lost == ("the place of system messages within the conversation",)


def test_a_failed_tool_says_so_in_its_text_where_there_is_no_flag() -> None:
    """OpenAI's tool results cannot be marked as errors."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": "no such city"}
    use = {"type": "tool_use", "id": "t", "name": "weather", "input": {}}
    messages = [
        HI,
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [{**result, "is_error": True}]},
    ]

    chat, _ = translated("anthropic", "openai_chat", messages=messages)
    responses, _ = translated("anthropic", "openai_responses", messages=messages)

    assert chat["messages"][-1]["content"] == "Error: no such city"
    assert responses["input"][-1]["output"] == "Error: no such city"


def test_files_carry_over() -> None:
    """A PDF in Anthropic's words and in OpenAI's."""
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}
    message = {
        "role": "user",
        "content": [{"type": "document", "source": source, "title": "a.pdf"}],
    }

    chat, _ = translated("anthropic", "openai_chat", messages=[message])
    back, _ = ASKS["anthropic"].write(ASKS["openai_chat"].read(chat), "m")

    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}
    assert chat["messages"][0]["content"] == [{"type": "file", "file": file}]
    assert back["messages"] == [message]


@pytest.mark.parametrize(
    ("source", "target", "said", "lost"),
    [
        ("openai_chat", "anthropic", {"seed": 7}, "seed"),
        ("openai_chat", "anthropic", {"reasoning_effort": "low"}, "reasoning_effort"),
        ("openai_chat", "anthropic", {"logprobs": True}, "logprobs"),
        ("openai_chat", "anthropic", {"response_format": {"type": "json_object"}}, "the JSON mode"),
        ("openai_chat", "anthropic", {"something": "new"}, "something"),
        ("openai_chat", "openai_responses", {"seed": 7}, "seed"),
        ("openai_responses", "anthropic", {"truncation": "auto"}, "truncation"),
        (
            "openai_responses",
            "openai_chat",
            {"input": [HI, {"type": "reasoning", "encrypted_content": "x"}]},
            "encrypted reasoning",
        ),
        ("openai_responses", "anthropic", {"text": {"verbosity": "low"}}, "text.verbosity"),
        ("anthropic", "openai_chat", {"thinking": {"type": "enabled"}}, "thinking"),
        ("anthropic", "openai_chat", {"top_k": 5}, "top_k"),
        ("anthropic", "openai_chat", {"output_config": {"effort": "low"}}, "output_config.effort"),
        (
            "anthropic",
            "openai_chat",
            {
                "messages": [
                    HI,
                    {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm"}]},
                    HI,
                ]
            },
            "thinking and its signatures",
        ),
        (
            "anthropic",
            "openai_chat",
            {"system": [{"type": "text", "text": "A", "cache_control": {"type": "ephemeral"}}]},
            "cache_control of text blocks",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_what_does_no_harm_is_left_out_and_named(
    source: str, target: str, said: dict[str, Any], lost: str
) -> None:
    """Also keys that nobody has heard of."""
    body, left_out = translated(source, target, **said)

    assert left_out == (lost,)
    assert not body.keys() & said.keys() - {"input", "messages", "system"}


@pytest.mark.parametrize(
    ("source", "target", "said", "reason"),
    [
        ("openai_responses", "openai_chat", {"previous_response_id": "r"}, "kept by the provider"),
        ("openai_responses", "anthropic", {"conversation": "c"}, "kept by the provider"),
        ("openai_responses", "anthropic", {"tools": [{"type": "web_search"}]}, "'web_search'"),
        ("openai_responses", "anthropic", {"input": [{"type": "mcp_call"}]}, "'mcp_call'"),
        ("openai_chat", "anthropic", {"n": 2}, "n = 2"),
        ("openai_chat", "anthropic", {"modalities": ["text", "audio"]}, "modalities"),
        (
            "openai_chat",
            "anthropic",
            {"messages": [HI, {"role": "function", "name": "f", "content": "1"}]},
            "the result of f answers no function call",
        ),
        (
            "openai_chat",
            "anthropic",
            {"tools": [{"type": "custom", "custom": {"name": "sql"}}]},
            "the custom tool sql takes free text",
        ),
        (
            "openai_responses",
            "openai_chat",
            {"tools": [{"type": "custom", "name": "sql"}]},
            "the custom tool sql takes free text",
        ),
        (
            "openai_responses",
            "anthropic",
            {"input": [HI, {"type": "custom_tool_call", "call_id": "c", "name": "sql"}]},
            "the custom tool sql takes free text",
        ),
        ("openai_chat", "openai_responses", {"stop": "\n"}, "stop sequences"),
        (
            "openai_chat",
            "anthropic",
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "'input_audio'",
        ),
        (
            "openai_responses",
            "anthropic",
            {"input": [{**HI, "content": [{"type": "input_image", "file_id": "file_1"}]}]},
            "given by its id",
        ),
        ("anthropic", "openai_chat", {"tools": [{"type": "bash_20250124"}]}, "'bash_20250124'"),
        ("anthropic", "openai_chat", {"messages": [HI, {**HI, "role": "assistant"}]}, "prefilled"),
        (
            "anthropic",
            "openai_chat",
            {"messages": [{"role": "user", "content": [{"type": "server_tool_use"}]}]},
            "'server_tool_use'",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_what_would_mean_something_else_is_refused(
    source: str, target: str, said: dict[str, Any], reason: str
) -> None:
    """The reason names the part of the request."""
    with pytest.raises(CannotSend, match=reason):
        translated(source, target, **said)


@pytest.mark.parametrize("target", ["anthropic", "openai_responses", "openai_chat"])
@pytest.mark.parametrize(
    ("choice", "tool_choice"),
    [(None, None), ("none", "none"), ({"name": "weather"}, CHAT["tool_choice"])],
    ids=["any", "none", "one"],
)
def test_functions_are_tools_called_one_at_a_time(
    target: str, choice: Any, tool_choice: Any
) -> None:
    """The words of 2023 mean what those of today mean."""
    function = {"name": "weather", "description": "By city.", "parameters": CLOSED}
    call = {"name": "weather", "arguments": '{"city": "Porto"}'}
    old = {
        "functions": [function],
        "function_call": choice,
        "messages": [
            HI,
            {"role": "assistant", "content": None, "function_call": call},
            {"role": "function", "name": "weather", "content": "rain"},
        ],
    }
    new = {
        "tools": [{"type": "function", "function": function}],
        "tool_choice": tool_choice,
        "parallel_tool_calls": False,
        "messages": [
            HI,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
        ],
    }

    assert translated("openai_chat", target, **old) == translated("openai_chat", target, **new)
