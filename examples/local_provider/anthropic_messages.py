"""Anthropic messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .ask import Ask, Turn, text_of
from .script import Call, Drop, Fail, Item, Refuse, Say, Think, Wait
from .stream import Event, Stream, slices, words

PATH = "/messages"
REQUEST_ID = "request-id"
ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def turns(body: dict[str, Any]) -> tuple[Turn, ...]:
    system = [Turn("system", text_of(body["system"]))] if body.get("system") else []
    said = (turn for message in body.get("messages", ()) for turn in _turns(message))
    return (*system, *said)


def _turns(message: dict[str, Any]) -> Iterator[Turn]:
    content = message["content"]
    results = (
        [b for b in content if b["type"] == "tool_result"] if isinstance(content, list) else []
    )
    for result in results:
        yield Turn("tool", text_of(result.get("content")))
    if not results:
        yield Turn(message["role"], text_of(content))


def error(fail: Fail, ask: Ask) -> dict[str, Any]:
    kind = ERRORS.get(fail.status, "api_error")
    said = {"type": kind, "message": fail.message}
    return {"type": "error", "error": said, "request_id": ask.id("req_")}


def stream(ask: Ask, reply: Sequence[Item]) -> Stream:
    answer = _Answer(ask)
    yield answer.event("message_start", message=answer.message())
    yield answer.event("ping")
    for item in reply:
        match item:
            case Wait() | Drop():
                yield item
            case Say() | Refuse():
                yield from answer.speak(item)
            case Think():
                yield from answer.think(item)
            case Call():
                yield from answer.call(item)
    yield from answer.closed()
    yield from answer.ending()
    return answer.message()


class _Answer:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._content: list[dict[str, Any]] = []
        self._open = False
        """Whether the last block still grows."""
        self._spoken = 1  # what `message_start` says
        self._stop: str | None = None
        self._next_stop = "end_turn"

    def speak(self, item: Say | Refuse) -> Iterator[Event]:
        if isinstance(item, Refuse):
            self._next_stop = "refusal"
        if not (self._open and self._content[-1]["type"] == "text"):
            yield from self._begin({"type": "text", "text": ""})
        for word in words(item.text):
            self._content[-1]["text"] += word
            yield self._delta("text_delta", text=word)

    def think(self, item: Think) -> Iterator[Event]:
        yield from self._begin({"type": "thinking", "thinking": "", "signature": ""})
        for word in words(item.text):
            yield self._delta("thinking_delta", thinking=word)
        signature = self._ask.id("sig_", len(self._content))
        self._content[-1] |= {"thinking": item.text, "signature": signature}
        yield self._delta("signature_delta", signature=signature)

    def call(self, item: Call) -> Iterator[Event]:
        self._next_stop = "tool_use"
        tool_id = self._ask.id("toolu_", len(self._content) + self._open)
        yield from self._begin({"type": "tool_use", "id": tool_id, "name": item.tool, "input": {}})
        pieces: Iterable[str] = slices(json.dumps(item.arguments, ensure_ascii=False))
        for piece in ("", *pieces):
            yield self._delta("input_json_delta", partial_json=piece)
        self._content[-1]["input"] = item.arguments

    def _begin(self, block: dict[str, Any]) -> Iterator[Event]:
        yield from self.closed()
        self._content.append(block)
        self._open = True
        index = len(self._content) - 1
        yield self.event("content_block_start", index=index, content_block=dict(block))

    def closed(self) -> Iterator[Event]:
        """End the block that still grows, if any."""
        if self._open:
            self._open = False
            yield self.event("content_block_stop", index=len(self._content) - 1)

    def ending(self) -> Iterator[Event]:
        self._stop = self._next_stop
        delta = {"stop_reason": self._stop, "stop_sequence": None}
        yield self.event("message_delta", delta=delta, usage={"output_tokens": self._spoken})
        yield self.event("message_stop")

    def _delta(self, kind: str, **fields: str) -> Event:
        self._spoken += 1
        index = len(self._content) - 1
        return self.event("content_block_delta", index=index, delta={"type": kind, **fields})

    def event(self, kind: str, **fields: Any) -> Event:
        return Event({"type": kind, **fields}, name=kind)

    def message(self) -> dict[str, Any]:
        asked, cached = self._ask.tokens, self._ask.tokens // 2
        return {
            "id": self._ask.id("msg_"),
            "type": "message",
            "role": "assistant",
            "model": self._ask.model,
            "content": list(self._content),
            "stop_reason": self._stop,
            "stop_sequence": None,
            "usage": {
                "input_tokens": asked - cached,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": cached,
                "output_tokens": self._spoken,
                "service_tier": "standard",
            },
        }
