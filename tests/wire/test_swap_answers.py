"""What one provider answered, as the SDK of another expects it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.steps import HttpRecord, Tokens, ToolRequest
from pytest_opswald.wire.base import Reading
from pytest_opswald.wire.records import read
from pytest_opswald.wire.swap.formats import ANSWERS
from pytest_opswald.wire.swap.returning import Return
from pytest_opswald.wire.swap.talk import Answer, Stop
from pytest_opswald.wire.swap.target import Target

FORMATS = ("openai_chat", "openai_responses", "anthropic")
ASKED: dict[str, Any] = {
    "openai_chat": {"model": "m", "messages": [], "stream_options": {"include_usage": True}},
    "openai_responses": {"model": "m", "input": []},
    "anthropic": {"model": "m", "messages": [], "thinking": {"type": "adaptive"}},
}
SPOKEN = Answer(
    id="0" * 24,
    model="m-2026",
    text="Let me see.",
    refusal=None,
    reasoning="Two cities.",
    calls=(
        ToolRequest(function="weather", arguments={"city": "東京"}, id="call_1"),
        ToolRequest(function="weather", arguments={}, id="call_2"),
    ),
    stop="tools",
    tokens=Tokens(input=100, output=20, cached=60, cache_write=10, reasoning=5),
)
REFUSED = replace(SPOKEN, refusal="No.", text=None, reasoning=None, calls=(), stop="refusal")
CUT = replace(SPOKEN, text="Let", reasoning=None, calls=(), stop="length")
ANSWERED = {"tools": SPOKEN, "refusal": REFUSED, "cut": CUT, "nothing": replace(CUT, text=None)}


def reading_of(name: str, answer: Answer, *, stream: bool) -> Reading:
    """The answer written in a format, and read by it."""
    answers, asked = ANSWERS[name], ASKED[name]
    said: dict[str, Any] = (
        {"events": tuple(answers.stream(answer, asked))}
        if stream
        else {"body": answers.write(answer, asked)}
    )
    return read(HttpRecord(format=name, url="https://p/v1", request=asked, **said))


@pytest.mark.parametrize("answer", ANSWERED.values(), ids=ANSWERED)
@pytest.mark.parametrize("name", FORMATS)
def test_an_answer_says_all_that_was_said(name: str, answer: Answer) -> None:
    """Text, refusal, thoughts, tool calls, model and every count of tokens."""
    reading = reading_of(name, answer, stream=False)

    said = reading.output
    assert (said.model, said.tool_calls) == (answer.model, answer.calls)
    assert (said.refusal, said.reasoning) == (answer.refusal, answer.reasoning)
    assert said.content in (answer.text, answer.refusal)
    assert reading.tokens == answer.tokens
    assert reading.complete


@pytest.mark.parametrize("answer", ANSWERED.values(), ids=ANSWERED)
@pytest.mark.parametrize("name", FORMATS)
def test_a_stream_says_what_the_whole_answer_says(name: str, answer: Answer) -> None:
    """Its events fold into the same."""
    assert reading_of(name, answer, stream=True) == reading_of(name, answer, stream=False)


@pytest.mark.parametrize(
    ("stop", "reasons"),
    [
        ("end", ("stop", "completed", "end_turn")),
        ("tools", ("tool_calls", "completed", "tool_use")),
        ("length", ("length", "max_output_tokens", "max_tokens")),
        ("refusal", ("content_filter", "completed", "refusal")),
    ],
)
def test_each_format_has_its_word_for_the_end(stop: Stop, reasons: tuple[str, ...]) -> None:
    """Agents branch on it."""
    answer = replace(SPOKEN, stop=stop)

    found = tuple(reading_of(name, answer, stream=False).output.finish_reason for name in FORMATS)

    assert found == reasons


def test_thoughts_are_told_to_anthropic_agents_only_when_asked_for() -> None:
    """Others take the first block for the text."""
    written = ANSWERS["anthropic"].write(SPOKEN, {"model": "m"})

    assert [block["type"] for block in written["content"]] == ["text", "tool_use", "tool_use"]


def test_every_chunk_has_a_choice_unless_tokens_were_asked_for() -> None:
    """Agents rely on it; the trace learns the tokens all the same."""
    *chunks, done = ANSWERS["openai_chat"].stream(SPOKEN, {"stream": True})

    assert all(chunk.data["choices"] for chunk in chunks)
    assert chunks[-1].data["usage"]["total_tokens"] == 120
    assert done.data == "[DONE]"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_agent_that_offers_functions_is_told_a_function_call(stream: bool) -> None:
    """It looks nowhere else; the end has another word, too."""
    asked = {"model": "m", "messages": [], "functions": [{"name": "weather"}]}
    answer = replace(SPOKEN, calls=SPOKEN.calls[:1])
    answers = ANSWERS["openai_chat"]
    said: dict[str, Any] = (
        {"events": tuple(answers.stream(answer, asked))}
        if stream
        else {"body": answers.write(answer, asked)}
    )

    reading = read(HttpRecord(format="openai_chat", url="https://p/v1", request=asked, **said))

    [call] = reading.output.tool_calls
    assert (call.function, call.arguments, call.id) == ("weather", {"city": "東京"}, None)
    assert reading.output.finish_reason == "function_call"


def returned(
    spoken: str, answer: Response, *, model: str = "anthropic:claude-opus-6"
) -> tuple[Response, Any]:
    """What becomes of a target's answer, and its body."""
    target = Target.of(model, spoken)
    assert target
    paths = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
    asked = b'{"model": "m", "max_tokens": 9, "messages": []}'
    outgoing = Request("POST", f"https://p{paths[target.format]}", (), asked)
    response = Return(outgoing, {"stream": True}, spoken, target)(answer)
    return response, json.loads(response.body)


def failed(status: int, body: Any, *headers: tuple[str, str]) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(status, (("content-type", "application/json"), *headers), (text.encode(),))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_an_error_keeps_its_status_and_sentence(status: int) -> None:
    """The SDK raises the exception that fits, and its message says what the target said."""
    error = {"type": "error", "error": {"type": "some_error", "message": "Not like this."}}

    response, body = returned("openai_chat", failed(status, error))

    assert response.status == status
    assert body["error"]["message"] == "Not like this."


def test_an_error_has_anthropics_shape_for_its_sdk() -> None:
    """With the type that belongs to the status."""
    error = {"error": {"message": "Slow down.", "type": "tokens", "code": None}}

    _, body = returned("anthropic", failed(429, error), model="openai:gpt-6")

    assert body == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "Slow down."},
    }


def test_what_sdks_retry_by_is_kept() -> None:
    """And the request id, under the name where each SDK looks for it."""
    headers = (("Retry-After", "3"), ("request-id", "req_1"), ("set-cookie", "a=b"))

    response, _ = returned("openai_chat", failed(429, {"error": "busy"}, *headers))

    kept = dict(response.headers)
    assert kept == {
        "content-type": "application/json",
        "retry-after": "3",
        "x-request-id": "req_1",
    }


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("<html>Bad gateway</html>", 503, "<html>Bad gateway</html>"),
        ("", 503, "HTTP 503"),
        ('{"some": "thing"}', 200, "anthropic:claude-opus-6 answered"),
        ("not JSON", 200, "anthropic:claude-opus-6 answered"),
    ],
    ids=["a page", "nothing", "another shape", "no JSON"],
)
def test_what_is_no_answer_becomes_an_error(text: str, status: int, message: str) -> None:
    """A success that cannot be read is a bad gateway."""
    response, body = returned("openai_chat", failed(status, text))

    assert response.status == (status if status >= 400 else 502)
    assert message in body["error"]["message"]


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}], 529),
        ([{"type": "message_start", "message": {"model": "m", "content": []}}], 502),
    ],
    ids=["overloaded", "ended early"],
)
def test_a_stream_that_fails_is_an_error(events: list[Any], status: int) -> None:
    """It was read whole before anything was delivered, so the status can still tell."""
    text = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    answer = Response(200, (("content-type", "text/event-stream"),), (text.encode(),))

    response, _ = returned("openai_chat", answer)

    assert response.status == status


def test_calls_without_an_id_get_one() -> None:
    """Servers that only resemble OpenAI's leave it out; agents tie results to it."""
    function = {"name": "weather", "arguments": "{}"}
    message = {"role": "assistant", "tool_calls": [{"function": function}, {"function": function}]}
    choice = {"message": message, "finish_reason": "tool_calls"}
    target = Target.of("openai:gpt-6", "anthropic")
    assert target
    outgoing = Request("POST", "https://p/v1/chat/completions", (), b'{"messages": []}')

    back = Return(outgoing, {}, "anthropic", target)
    response = back(failed(200, {"choices": [choice]}))

    ids = [block["id"] for block in json.loads(response.body)["content"]]
    assert len(set(ids)) == 2
    assert all(ids)
