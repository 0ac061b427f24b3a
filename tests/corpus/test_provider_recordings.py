"""Recordings of real providers: every LLM exchange we claim to speak is read and served again."""

from __future__ import annotations

import functools
import importlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import anthropic
import openai
import pytest
import yaml
from anthropic.types import Message, RawMessageStreamEvent
from openai._streaming import SSEDecoder
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response as OpenAIResponse
from openai.types.responses import ResponseStreamEvent

from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.steps import HttpRecord
from pytest_opswald.wire.records import read, to_record, to_response
from pytest_opswald.wire.registry import by_name

FOLDER = Path(os.environ["OPSWALD_CORPUS"]) / "provider_recordings"
CASSETTES = sorted(FOLDER.rglob("*.yaml"))
NAMES = [path.relative_to(FOLDER).as_posix() for path in CASSETTES]

SDKS: dict[str, tuple[ModuleType, str, Any, Any]] = {
    "openai_chat": (openai, "/chat/completions", ChatCompletion, ChatCompletionChunk),
    "openai_responses": (openai, "/responses", OpenAIResponse, ResponseStreamEvent),
    "anthropic": (anthropic, "/v1/messages", Message, RawMessageStreamEvent),
}

NAMED = re.compile(
    r"(?<=/files/)[^/]+|(?<=/conversations/)[^/]+|(?<=/vector_stores/)[^/]+|(?<=/responses/).+"
    r"|(?<=/fileSearchStores/)[^:]+|(?<=/projects/)[^/]+|(?<=/model/).+(?=/)|(?<=/models/)[^:]+"
)
"""The part of a path that names one thing."""

UNREAD = {
    "DELETE api.anthropic.com/v1/files/*",
    "DELETE api.openai.com/v1/conversations/*",
    "DELETE api.openai.com/v1/files/*",
    "DELETE api.openai.com/v1/vector_stores/*",
    "DELETE generativelanguage.googleapis.com/v1beta/fileSearchStores/*",
    "GET api.openai.com/v1/responses/*",
    "GET data.grepit.app/assets/tiny_video.mp4",
    "GET example-files.online-convert.com/document/txt/example.txt",
    "GET huggingface.co/api/models/*",
    "GET pdfobject.com/pdf/sample.pdf",
    "GET raw.githubusercontent.com/pydantic/pydantic-ai/refs/heads/main/tests/assets/small_video.mp4",
    "GET t3.ftcdn.net/jpg/00/85/79/92/360_F_85799278_0BBGV9OAdQDTLnKwAPBCcg1J7QtiieJY.jpg",
    "POST aiplatform.googleapis.com/v1beta1/projects/*/locations/global/publishers/google/models/*:countTokens",
    "POST aiplatform.googleapis.com/v1beta1/projects/*/locations/global/publishers/google/models/*:generateContent",
    "POST api.anthropic.com/v1/files",
    "POST api.anthropic.com/v1/messages/count_tokens",
    "POST api.cohere.com/v2/chat",
    "POST api.cohere.com/v2/embed",
    "POST api.openai.com/v1/conversations",
    "POST api.openai.com/v1/files",
    "POST api.openai.com/v1/vector_stores",
    "POST api.openai.com/v1/vector_stores/*/files",
    "POST api.tavily.com/search",
    "POST bedrock-runtime.us-east-1.amazonaws.com/model/*/converse",
    "POST bedrock-runtime.us-east-1.amazonaws.com/model/*/converse-stream",
    "POST bedrock-runtime.us-east-1.amazonaws.com/model/*/count-tokens",
    "POST bedrock-runtime.us-east-1.amazonaws.com/model/*/invoke",
    # Echo services: the path is ours, the answer is no completion.
    "POST demo-endpoints.pydantic.workers.dev/bin/chat/completions",
    "POST demo-endpoints.pydantic.workers.dev/bin/content-type/application/json/chat/completions",
    "POST generativelanguage.googleapis.com/upload/v1beta/fileSearchStores/*:uploadToFileSearchStore",
    "POST generativelanguage.googleapis.com/v1beta/fileSearchStores",
    "POST generativelanguage.googleapis.com/v1beta/models/*:batchEmbedContents",
    "POST generativelanguage.googleapis.com/v1beta/models/*:countTokens",
    "POST generativelanguage.googleapis.com/v1beta/models/*:generateContent",
    "POST generativelanguage.googleapis.com/v1beta/models/*:streamGenerateContent",
}
"""What is kept as plain HTTP."""

each_cassette = pytest.mark.parametrize("cassette", CASSETTES, ids=NAMES)


@dataclass(frozen=True)
class Recorded:
    """One exchange of a cassette, as it was on the wire."""

    request: Request
    response: Response

    @property
    def record(self) -> HttpRecord:
        return to_record(self.request, self.response)


def exchanges(cassette: Path) -> Iterator[Recorded]:
    for interaction in interactions(cassette):
        if is_http(interaction):
            asked, answered = interaction["request"], interaction["response"]
            yield Recorded(
                Request(asked["method"], asked["uri"], headers(asked), body(asked)),
                Response(answered["status"]["code"], headers(answered), (body(answered),)),
            )


@functools.cache
def interactions(cassette: Path) -> list[dict[str, Any]]:
    with cassette.open("rb") as file:
        return yaml.load(file, Loader=yaml.CSafeLoader)["interactions"]


def is_http(interaction: dict[str, Any]) -> bool:
    """Cassettes of gRPC and of websockets share the folder."""
    return interaction.keys() >= {"request", "response"}


def headers(side: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    values = {k: v if isinstance(v, list) else [v] for k, v in side["headers"].items()}
    return tuple((name, str(value)) for name, listed in values.items() for value in listed)


def body(side: dict[str, Any]) -> bytes:
    """Cassettes keep bodies parsed, as text, as bytes, or any of these under `string`."""
    if "parsed_body" in side:
        return json.dumps(side["parsed_body"]).encode()
    kept = side["body"]
    if isinstance(kept, dict) and "string" in kept:
        kept = kept["string"]
    if isinstance(kept, dict):
        return json.dumps(kept).encode()
    return kept.encode() if isinstance(kept, str) else kept or b""


def is_llm(record: HttpRecord) -> bool:
    """Whether the exchange reads as an LLM call."""
    try:
        read(record)
    except ValueError:
        return False
    return True


def llm_exchanges(cassette: Path) -> list[Recorded]:
    return [exchange for exchange in exchanges(cassette) if is_llm(exchange.record)]


def served(exchange: Recorded) -> Response:
    answer = to_response(exchange.record)
    assert isinstance(answer, Response)
    return answer


def decoded(response: Response) -> Any:
    """The body by other means than ours: the OpenAI SDK's event decoder, the standard JSON."""
    kind = response.header("content-type") or ""
    if "event-stream" in kind:
        events = SSEDecoder().iter_bytes(iter([response.body]))
        return [
            (event.event, event.id, event.retry, without_padding(parsed(event.data)))
            for event in events
        ]
    return parsed(response.body)


def without_padding(data: Any) -> Any:
    """An event without the noise that OpenAI fills it up with: no golden holds that."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if key != "obfuscation"}


def parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@each_cassette
def test_every_exchange_is_served_as_it_was_recorded(cassette):
    """Status, content type and decoded body of any HTTP exchange survive the golden."""
    for exchange in exchanges(cassette):
        again = served(exchange)

        assert again.status == exchange.response.status
        assert again.header("content-type") == exchange.response.header("content-type")
        assert decoded(again) == decoded(exchange.response)


@each_cassette
def test_a_record_survives_the_golden_file(cassette):
    """A record is the same after a way through JSON, and after being served and recorded again."""
    for exchange in exchanges(cassette):
        record = exchange.record

        assert HttpRecord.model_validate_json(record.model_dump_json()) == record
        assert to_record(exchange.request, served(exchange)) == record


@each_cassette
def test_every_llm_exchange_says_something(cassette):
    """A whole answer has text, tool calls or a reason for having none; its tokens are counted."""
    for exchange in llm_exchanges(cassette):
        record = exchange.record
        reading = read(record)

        assert reading.complete
        assert reading.input.model
        assert reading.input.messages
        if reading.error or reading.output.finish_reason == "queued":
            continue
        assert reading.output.content or reading.output.tool_calls
        assert reading.tokens
        assert reading.tokens.input
        assert reading.tokens.output
        assert all(call.function and not call.args_error for call in reading.output.tool_calls)
        assert by_name(record.format).reply(record)


@each_cassette
def test_the_real_sdk_takes_what_is_served(cassette):
    """The SDK makes the same objects, or the same error, of the served answer and the recorded."""
    for exchange in llm_exchanges(cassette):
        wire = exchange.record.format

        assert through_sdk(wire, served(exchange)) == through_sdk(wire, exchange.response)


@each_cassette
def test_a_stream_folds_as_in_the_real_sdk(cassette):
    """Text and tool calls of a stream are what the SDK's own stream helper ends with."""
    for exchange in llm_exchanges(cassette):
        record, reading = exchange.record, read(exchange.record)
        if record.events is None or reading.error:
            continue
        calls = [(call.function, call.id) for call in reading.output.tool_calls]

        assert (reading.output.content or "", calls) == helped(record.format, exchange.response)


def test_what_is_not_read_is_named():
    """Nothing is skipped in silence: all that is not an LLM call of ours stands in a list."""
    records = [exchange.record for path in CASSETTES for exchange in exchanges(path)]
    unread = {kind(record) for record in records if not is_llm(record)}

    assert unread == UNREAD
    assert sum(map(is_llm, records)) == 192


def test_what_is_not_http_is_named():
    """Cassettes without a request are those of gRPC and websockets."""
    others = {
        path.relative_to(FOLDER).as_posix()
        for path in CASSETTES
        if not all(map(is_http, interactions(path)))
    }

    assert all(name.endswith(".xai.yaml") or name.startswith("realtime/") for name in others)


def kind(record: HttpRecord) -> str:
    """Method, host and path, with names and ids left out."""
    parts = urlsplit(record.url)
    return f"{record.method} {parts.hostname}{NAMED.sub('*', parts.path)}"


def through_sdk(wire: str, answer: Response) -> Any:
    """What the provider's own client makes of an answer."""
    sdk, path, whole, piece = SDKS[wire]
    streams = "event-stream" in (answer.header("content-type") or "")
    client = client_of(sdk, answer)
    kinds = {"stream_cls": sdk.Stream[piece]} if streams else {}
    try:
        made = client.post(path, cast_to=whole, body={}, stream=streams, **kinds)
        if streams:
            return [(type(each), without_padding(dict(each))) for each in made]
        return made
    except (openai.APIError, anthropic.APIError) as error:
        return type(error), error.message, error.body


def helped(wire: str, answer: Response) -> tuple[str, list[tuple[str, str]]]:
    """Text and tool calls by the SDK's stream helper."""
    client = client_of(SDKS[wire][0], answer)
    if wire == "openai_chat":
        with client.chat.completions.stream(model="any", messages=[]) as stream:
            message = stream.get_final_completion().choices[0].message
        calls = [(call.function.name, call.id) for call in message.tool_calls or ()]
        return message.content or "", calls
    if wire == "openai_responses":
        with client.responses.stream(model="any", input="any") as stream:
            response = stream.get_final_response()
        items = [item for item in response.output if item.type == "function_call"]
        return response.output_text, [(item.name, item.call_id) for item in items]
    with client.messages.stream(model="any", messages=[], max_tokens=1) as stream:
        blocks = stream.get_final_message().content
    text = "".join(block.text for block in blocks if block.type == "text")
    return text, [(block.name, block.id) for block in blocks if block.type == "tool_use"]


def client_of(sdk: ModuleType, answer: Response) -> Any:
    """A client that gets this answer to whatever it asks."""
    http = importlib.import_module(sdk.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    reply = http.Response(answer.status, headers=list(answer.headers), content=answer.body)
    transport = http.MockTransport(lambda _: reply)
    client = sdk.OpenAI if sdk is openai else sdk.Anthropic
    return client(api_key="none", max_retries=0, http_client=http.Client(transport=transport))
