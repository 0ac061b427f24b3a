"""OpenAI chat completions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .ask import Ask, Turn, text_of
from .script import Call, Drop, Fail, Item, Refuse, Say, Think, Wait
from .stream import Event, Stream, slices, words

PATH = "/chat/completions"
REQUEST_ID = "x-request-id"
ROLES = {"developer": "system", "function": "tool"}


def turns(body: dict[str, Any]) -> tuple[Turn, ...]:
    return tuple(
        Turn(ROLES.get(message["role"], message["role"]), text_of(message.get("content")))
        for message in body.get("messages", ())
    )


def error(fail: Fail, ask: Ask) -> dict[str, Any]:
    kind = {429: "rate_limit_error"}.get(fail.status, "invalid_request_error")
    kind = "server_error" if fail.status >= 500 else kind
    return {"error": {"message": fail.message, "type": kind, "param": None, "code": None}}


def stream(ask: Ask, reply: Sequence[Item]) -> Stream:
    answer = _Answer(ask)
    yield answer.chunk({"role": "assistant", "content": ""})
    for item in reply:
        match item:
            case Wait() | Drop():
                yield item
            case Call():
                for delta in answer.call(item):
                    yield answer.chunk(delta)
            case Say() | Think() | Refuse():
                key = {Say: "content", Think: "reasoning_content", Refuse: "refusal"}[type(item)]
                for word in words(item.text):
                    yield answer.chunk({key: answer.add(key, word)})
    yield answer.chunk({}, finish=answer.finish_reason)
    if (ask.body.get("stream_options") or {}).get("include_usage"):
        yield Event({**answer.head("chat.completion.chunk"), "choices": [], "usage": answer.usage})
    yield Event("[DONE]")
    return answer.whole()


class _Answer:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        self._calls: list[dict[str, Any]] = []
        self._spoken = 0
        self._thought = 0

    def head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self._ask.id("chatcmpl-"),
            "object": kind,
            "created": 1760000000,
            "model": self._ask.model,
            "service_tier": "default",
            "system_fingerprint": "fp_local",
        }

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return Event({**self.head("chat.completion.chunk"), "choices": [choice]})

    def add(self, key: str, word: str) -> str:
        self._message[key] = (self._message.get(key) or "") + word
        self._spoken += 1
        self._thought += key == "reasoning_content"
        return word

    def call(self, call: Call) -> list[dict[str, Any]]:
        """The deltas of a tool call; of the one function call, where functions were offered."""
        text = json.dumps(call.arguments, ensure_ascii=False)
        pieces = list(slices(text))
        self._spoken += len(pieces)
        whole, begun = ({"name": call.tool, "arguments": said} for said in (text, ""))
        if "functions" in self._ask.body:
            self._message["function_call"] = whole
            rest = [{"arguments": piece} for piece in pieces]
            return [{"function_call": delta} for delta in (begun, *rest)]
        index = len(self._calls)
        head = {"id": self._ask.id("call_", index), "type": "function"}
        self._calls.append({**head, "function": whole})
        later = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
        return [
            {"tool_calls": [delta]}
            for delta in ({"index": index, **head, "function": begun}, *later)
        ]

    @property
    def finish_reason(self) -> str:
        if "function_call" in self._message:
            return "function_call"
        return "tool_calls" if self._calls else "stop"

    @property
    def usage(self) -> dict[str, Any]:
        asked = self._ask.tokens
        return {
            "prompt_tokens": asked,
            "completion_tokens": self._spoken,
            "total_tokens": asked + self._spoken,
            "prompt_tokens_details": {"cached_tokens": asked // 2, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": self._thought,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def whole(self) -> dict[str, Any]:
        calls = {"tool_calls": self._calls} if self._calls else {}
        choice = {
            "index": 0,
            "message": {**self._message, **calls, "annotations": []},
            "logprobs": None,
            "finish_reason": self.finish_reason,
        }
        return {**self.head("chat.completion"), "choices": [choice], "usage": self.usage}
