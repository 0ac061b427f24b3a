"""Chats as three providers put them on the wire, with the envelopes they really send."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import HttpRecord, LlmCall, LlmInput, Response, SseEvent, UserInput
from pytest_opswald.trace.trace import Trace

_WORDS = [
    "the",
    "refund",
    "order",
    "please",
    "customer",
    "policy",
    "because",
    "item",
    "shipped",
    "today",
    "tomorrow",
    "number",
    "account",
]


@dataclass(frozen=True)
class Turn:
    user: str
    answer: str
    tokens: tuple[str, ...]
    hex: str
    """Random letters, the same for the same turn."""
    number: int


def turns(count: int, *, characters: int) -> list[Turn]:
    """Exchanges of about so many characters on either side, the same on every run."""
    return [_turn(number, characters) for number in range(count)]


def _turn(number: int, characters: int) -> Turn:
    dice = random.Random(number)  # reproducible test data
    user, answer = (_text(dice, characters) for _ in range(2))
    return Turn(user, answer, tuple(_tokens(dice, answer)), f"{dice.getrandbits(96):024x}", number)


def _text(dice: random.Random, characters: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < characters:
        words.append(dice.choice(_WORDS))
    return " ".join(words)


def _tokens(dice: random.Random, text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        length = dice.randrange(2, 8)
        yield text[position : position + length]
        position += length


def golden(calls: list[HttpRecord], turns: list[Turn]) -> Golden:
    """The golden of a chat: what the user said, the call, at the end the response."""
    steps: list[Any] = []
    for turn, http in zip(turns, calls, strict=True):
        steps.append(UserInput(message=turn.user))
        steps.append(LlmCall(input=LlmInput(), http=http, cost=0.0012))
    steps.append(Response(message=turns[-1].answer))
    return Golden(name="test_chat", test="test_chat.py::test_chat", trace=Trace.of(steps))


def _headers(turn: Turn, kind: str) -> dict[str, str]:
    return {
        "content-type": kind,
        "x-request-id": f"req_{turn.hex}",
        "x-ratelimit-limit-tokens": "1000000",
        "x-ratelimit-remaining-tokens": str(900_000 + turn.number * 317),
    }


def _stream(events: list[Any], *, named: bool = False) -> tuple[SseEvent, ...]:
    return tuple(SseEvent(data=data, event=data["type"] if named else None) for data in events)


def chat(turns: list[Turn], *, stream: bool) -> Golden:
    """OpenAI chat completions."""
    messages: list[Any] = [{"role": "system", "content": "You are a helpful agent."}]
    calls = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.user})
        request: dict[str, Any] = {"model": "gpt-5.2", "messages": list(messages)}
        message = {"role": "assistant", "content": turn.answer, "refusal": None, "annotations": []}
        if stream:
            request |= {"stream": True, "stream_options": {"include_usage": True}}
            answer: dict[str, Any] = {"events": _chat_events(turn)}
        else:
            answer = {"body": _chat_body(turn, message)}
        url = "https://api.openai.com/v1/chat/completions"
        kind = "text/event-stream; charset=utf-8" if stream else "application/json"
        record = {"format": "openai_chat", "url": url, "request": request}
        calls.append(HttpRecord(**record, headers=_headers(turn, kind), **answer))
        messages.append({"role": "assistant", "content": turn.answer} if stream else message)
    return golden(calls, turns)


def _chat_usage(turn: Turn) -> dict[str, Any]:
    asked, said = 90 + turn.number * 170, len(turn.tokens)
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _chat_body(turn: Turn, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{turn.hex}",
        "object": "chat.completion",
        "created": 1763700000 + turn.number,
        "model": "gpt-5.2-2026-01-01",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _chat_usage(turn),
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _chat_events(turn: Turn) -> tuple[SseEvent, ...]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {
            "id": f"chatcmpl-{turn.hex}",
            "object": "chat.completion.chunk",
            "created": 1763700000 + turn.number,
            "model": "gpt-5.2-2026-01-01",
            "service_tier": "default",
            "system_fingerprint": None,
            "choices": [choice],
            "usage": None,
        }

    first = chunk({"role": "assistant", "content": "", "refusal": None})
    said = [chunk({"content": token}) for token in turn.tokens]
    usage = {**chunk({}), "choices": [], "usage": _chat_usage(turn)}
    return (*_stream([first, *said, chunk({}, "stop"), usage]), SseEvent(data="[DONE]"))


def responses(turns: list[Turn], *, stream: bool) -> Golden:
    """OpenAI responses."""
    items: list[Any] = []
    calls = []
    for turn in turns:
        items.append({"role": "user", "content": turn.user})
        request: dict[str, Any] = {
            "model": "gpt-5.2",
            "input": list(items),
            "instructions": "You are a helpful agent.",
        }
        item = _output_item(turn)
        if stream:
            request["stream"] = True
            answer: dict[str, Any] = {"events": _response_events(turn, item)}
        else:
            answer = {"body": _response_body(turn, "completed", [item])}
        url = "https://api.openai.com/v1/responses"
        kind = "text/event-stream; charset=utf-8" if stream else "application/json"
        record = {"format": "openai_responses", "url": url, "request": request}
        calls.append(HttpRecord(**record, headers=_headers(turn, kind), **answer))
        items.append(item)
    return golden(calls, turns)


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _output_item(turn: Turn, text: str | None = None, status: str = "completed") -> dict[str, Any]:
    content = [_part(turn.answer)] if text is None else []
    head = {"id": f"msg_{turn.hex}", "type": "message", "status": status}
    return {**head, "content": content, "role": "assistant"}


def _response_body(turn: Turn, status: str, output: list[Any]) -> dict[str, Any]:
    usage = {
        "input_tokens": 90 + turn.number * 170,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": len(turn.tokens),
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 90 + turn.number * 170 + len(turn.tokens),
    }
    return {
        "id": f"resp_{turn.hex}",
        "object": "response",
        "created_at": 1763700000 + turn.number,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": "You are a helpful agent.",
        "max_output_tokens": None,
        "model": "gpt-5.2-2026-01-01",
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage if output else None,
        "user": None,
        "metadata": {},
    }


def _response_events(turn: Turn, item: dict[str, Any]) -> tuple[SseEvent, ...]:
    at = {"output_index": 0, "content_index": 0, "item_id": item["id"]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response_body(turn, "in_progress", [])},
        {"type": "response.in_progress", "response": _response_body(turn, "in_progress", [])},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": _output_item(turn, "", "in_progress"),
        },
        {"type": "response.content_part.added", **at, "part": _part("")},
        *(
            {"type": "response.output_text.delta", **at, "delta": token, "logprobs": []}
            for token in turn.tokens
        ),
        {"type": "response.output_text.done", **at, "text": turn.answer, "logprobs": []},
        {"type": "response.content_part.done", **at, "part": _part(turn.answer)},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": _response_body(turn, "completed", [item])},
    ]
    return _stream(
        [{**event, "sequence_number": number} for number, event in enumerate(events)], named=True
    )


def anthropic(turns: list[Turn], *, stream: bool) -> Golden:
    """Anthropic messages."""
    messages: list[Any] = []
    calls = []
    for turn in turns:
        messages.append({"role": "user", "content": turn.user})
        request: dict[str, Any] = {
            "max_tokens": 1024,
            "messages": list(messages),
            "model": "claude-sonnet-5",
            "system": "You are a helpful agent.",
        }
        content = [{"type": "text", "text": turn.answer}]
        if stream:
            request["stream"] = True
            answer: dict[str, Any] = {"events": _message_events(turn)}
        else:
            answer = {"body": _message(turn, content, "end_turn")}
        url = "https://api.anthropic.com/v1/messages"
        kind = "text/event-stream; charset=utf-8" if stream else "application/json"
        record = {"format": "anthropic", "url": url, "request": request}
        calls.append(HttpRecord(**record, headers=_headers(turn, kind), **answer))
        messages.append({"role": "assistant", "content": content})
    return golden(calls, turns)


def _message(turn: Turn, content: list[Any], stop: str | None) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-5-20260101",
        "id": f"msg_{turn.hex}",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 90 + turn.number * 170,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": len(turn.tokens),
            "service_tier": "standard",
        },
    }


def _message_events(turn: Turn) -> tuple[SseEvent, ...]:
    said: list[dict[str, Any]] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": token}}
        for token in turn.tokens
    ]
    start = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    events = [
        {"type": "message_start", "message": _message(turn, [], None)},
        start,
        {"type": "ping"},
        *said,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": len(turn.tokens)}},
        {"type": "message_stop"},
    ]
    return _stream(events, named=True)


@pytest.fixture(params=[chat, responses, anthropic], ids=["chat", "responses", "anthropic"])
def provider(request: pytest.FixtureRequest) -> Callable[..., Golden]:
    """Makes a chat's golden from its turns; `stream` says how the answers came."""
    maker: Callable[..., Golden] = request.param
    return maker


@pytest.fixture(name="turns")
def _turns() -> Callable[..., list[Turn]]:
    """Makes turns of about so many characters on either side."""
    return turns
