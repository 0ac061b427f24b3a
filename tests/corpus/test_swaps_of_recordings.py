"""Real requests and answers of each provider, taken to the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from pytest_opswald.exchange import Request
from pytest_opswald.trace.steps import HttpRecord
from pytest_opswald.wire.base import CannotSend, Reading
from pytest_opswald.wire.records import read, to_record
from pytest_opswald.wire.sse import SseParser
from pytest_opswald.wire.swap.formats import ASKS
from pytest_opswald.wire.swap.returning import Return
from pytest_opswald.wire.swap.target import Target
from tests.corpus.test_provider_recordings import CASSETTES, SDKS, Recorded, exchanges

TARGETS = {
    "openai_chat": ("openai-chat:m", "/v1/chat/completions"),
    "openai_responses": ("openai-responses:m", "/v1/responses"),
    "anthropic": ("anthropic:m", "/v1/messages"),
}
PAIRS = [(source, target) for source in TARGETS for target in TARGETS if source != target]
each_pair = pytest.mark.parametrize(("source", "target"), PAIRS)


def recorded(name: str) -> Iterator[tuple[Recorded, HttpRecord, Reading]]:
    """Every exchange of a format that we read."""
    for cassette in CASSETTES:
        for exchange in exchanges(cassette):
            record = exchange.record
            if record.format == name:
                try:
                    yield exchange, record, read(record)
                except ValueError:
                    continue


@each_pair
def test_a_request_is_translated_or_refused_with_a_reason(source: str, target: str) -> None:
    """It never crashes, and what was written says the same when it is read again."""
    sent: Counter[str] = Counter()

    for _, record, _ in recorded(source):
        try:
            body, _ = ASKS[target].write(ASKS[source].read(record.request), "m")
        except CannotSend:
            sent["refused"] += 1
            continue
        assert ASKS[target].write(ASKS[target].read(body), "m")[0] == body
        sent["sent"] += 1

    assert sent["sent"] > 30


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@each_pair
def test_an_answer_says_the_same_in_another_format(source: str, target: str, stream: bool) -> None:
    """Text, tool calls, refusal, thoughts and tokens of every answer; errors stay errors."""
    url = f"https://provider.example{TARGETS[target][1]}"
    asked = {"stream": stream, "thinking": {"type": "adaptive"}, "messages": [], "input": []}
    request = Request("POST", url, (), json.dumps({"model": "m", **asked}).encode())
    to = Target.of(TARGETS[source][0], target)
    assert to

    for exchange, _, was in recorded(source):
        back = Return(exchange.request, asked, target, to)
        now = read(to_record(request, back(exchange.response)))

        assert bool(now.error) == (bool(was.error) or not was.complete)
        if now.error is None:
            assert now.output.tool_calls == was.output.tool_calls
            assert now.output.refusal == was.output.refusal
            assert now.output.reasoning == was.output.reasoning
            assert was.tokens in (now.tokens, None)
            assert now.output.content == (was.output.content or None) or was.output.refusal


@each_pair
def test_sdks_find_nothing_amiss_in_an_answer(source: str, target: str) -> None:
    """Every field that the SDK's types require is there, in whole answers and in every event."""
    whole, event = map(TypeAdapter, SDKS[target][2:])
    to = Target.of(TARGETS[source][0], target)
    assert to

    for exchange, _, _ in recorded(source):
        answer, stream = (
            Return(exchange.request, {"stream": streams}, target, to)(exchange.response)
            for streams in (False, True)
        )
        if answer.status == 200:
            whole.validate_json(answer.body)
            for told in SseParser().feed(stream.body):
                if told.data != "[DONE]":
                    event.validate_python(told.data)
