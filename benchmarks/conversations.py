"""What agents ask and are answered, as bytes on the wire: the same on every run."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

MODEL = "gpt-5.2"
BASE_URL = "https://api.openai.com/v1"
KEY = "bench-no-key"
_SYSTEM = {"role": "system", "content": "You support customers of a book shop. Be brief."}
_WORDS = (
    "the",
    "refund",
    "order",
    "please",
    "customer",
    "policy",
    "item",
    "today",
    "parcel",
    "late",
)


@dataclass(frozen=True)
class Conversation:
    """Calls in the order they are made."""

    asks: tuple[dict[str, Any], ...]
    """Keyword arguments of `chat.completions.create`."""
    answers: tuple[tuple[bytes, ...], ...]
    """Pieces of each response body, as a socket would deliver them."""
    text: int = 0
    """Characters that user and model have said."""

    @property
    def streams(self) -> bool:
        return bool(self.asks[0].get("stream"))

    @property
    def content_type(self) -> str:
        return "text/event-stream" if self.streams else "application/json"


def questions(count: int, *, stream: bool = False) -> Conversation:
    """Calls that have nothing to do with each other: about 400 characters each way."""
    asks, answers = [], []
    for number in range(count):
        asked, said = words(number, 400), words(-1 - number, 400)
        messages = [_SYSTEM, {"role": "user", "content": f"Question {number}: {asked}"}]
        asks.append(_ask(messages, stream=stream))
        answers.append(_streamed(number, said) if stream else (_body(number, {"content": said}),))
    return Conversation(tuple(asks), tuple(answers), text=800 * count)


def chat(turns: int, *, characters: int) -> Conversation:
    """A user and a model in turns: every call repeats all that was said before."""
    messages: list[dict[str, Any]] = [_SYSTEM]
    asks, answers, text = [], [], 0
    for number in range(turns):
        asked, said = words(number, characters), words(-1 - number, characters)
        messages = [*messages, {"role": "user", "content": asked}]
        asks.append(_ask(messages))
        answers.append((_body(number, {"content": said}),))
        messages = [*messages, {"role": "assistant", "content": said}]
        text += len(asked) + len(said)
    return Conversation(tuple(asks), tuple(answers), text)


def tool_loop(turns: int, *, edited: int | None = None, first: int = 0) -> Conversation:
    """An agent that asks for a tool in every turn: 163 KB of request in the hundredth.

    `edited` is the turn whose tool answered otherwise by one word. Turns are numbered from `first`.
    """
    messages: list[dict[str, Any]] = [_SYSTEM, {"role": "user", "content": words(first, 400)}]
    asks, answers = [], []
    for number in range(first, first + turns):
        asks.append(_ask(messages))
        if number == first + turns - 1:
            answers.append((_body(number, {"content": words(-1, 400)}),))
            break
        call = _tool_call(number)
        answers.append((_body(number, {"content": None, "tool_calls": [call]}),))
        told = words(number, 1_300) + (" edited" if number == edited else "")
        messages = [
            *messages,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": json.dumps({"found": told})},
        ]
    return Conversation(tuple(asks), tuple(answers))


def tool_loops(count: int, *, turns: int) -> Conversation:
    """Several of these agents, one after the other."""
    loops = [tool_loop(turns, first=number * turns) for number in range(count)]
    return Conversation(
        tuple(ask for loop in loops for ask in loop.asks),
        tuple(answer for loop in loops for answer in loop.answers),
    )


def words(seed: int, characters: int) -> str:
    """Reproducible text of about this length."""
    dice = random.Random(seed)
    said, length = [], 0
    while length < characters:
        said.append(dice.choice(_WORDS))
        length += len(said[-1]) + 1
    return " ".join(said)


def _ask(messages: list[dict[str, Any]], *, stream: bool = False) -> dict[str, Any]:
    ask: dict[str, Any] = {"model": MODEL, "messages": messages}
    if stream:
        ask |= {"stream": True, "stream_options": {"include_usage": True}}
    return ask


def _tool_call(number: int) -> dict[str, Any]:
    arguments = json.dumps({"query": words(number, 200), "page": number})
    return {
        "id": f"call_{_hex(number)}",
        "type": "function",
        "function": {"name": "search_orders", "arguments": arguments},
    }


def _body(number: int, said: dict[str, Any]) -> bytes:
    message = {"role": "assistant", "refusal": None, "annotations": [], **said}
    finish = "tool_calls" if said.get("tool_calls") else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return _json({**_head(number, "chat.completion"), "choices": [choice], "usage": _USAGE})


def _streamed(number: int, said: str) -> tuple[bytes, ...]:
    """One event a piece, about six letters an event."""
    head = _head(number, "chat.completion.chunk")

    def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**head, "choices": [choice], "usage": None})

    tokens = [said[at : at + 6] for at in range(0, len(said), 6)]
    return (
        event({"role": "assistant", "content": "", "refusal": None}),
        *(event({"content": token}) for token in tokens),
        event({}, "stop"),
        _event({**head, "choices": [], "usage": _USAGE}),
        b"data: [DONE]\n\n",
    )


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + _json(data) + b"\n\n"


def _head(number: int, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{_hex(number)}",
        "object": kind,
        "created": 1_763_700_000 + number,
        "model": f"{MODEL}-2026-01-01",
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _hex(number: int) -> str:
    return f"{random.Random(number).getrandbits(96):024x}"


_USAGE = {
    "prompt_tokens": 190,
    "completion_tokens": 80,
    "total_tokens": 270,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}
