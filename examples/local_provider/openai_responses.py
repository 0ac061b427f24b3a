"""OpenAI responses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .ask import Ask, Turn, text_of
from .openai_chat import ROLES, error
from .script import Call, Drop, Item, Refuse, Say, Think, Wait
from .stream import Event, Stream, slices, words

__all__ = ["PATH", "REQUEST_ID", "error", "stream", "turns"]

PATH = "/responses"
REQUEST_ID = "x-request-id"


def turns(body: dict[str, Any]) -> tuple[Turn, ...]:
    said = body.get("input") or []
    items = [{"role": "user", "content": said}] if isinstance(said, str) else said
    system = [Turn("system", body["instructions"])] if body.get("instructions") else []
    return (*system, *(turn for item in items if (turn := _turn(item))))


def _turn(item: dict[str, Any]) -> Turn | None:
    if item.get("type") == "function_call_output":
        return Turn("tool", text_of(item["output"]))
    if role := item.get("role"):
        return Turn(ROLES.get(role, role), text_of(item.get("content")))
    return None


def stream(ask: Ask, reply: Sequence[Item]) -> Stream:
    answer = _Answer(ask)
    yield answer.lifecycle("created", "in_progress")
    yield answer.lifecycle("in_progress", "in_progress")
    for item in reply:
        match item:
            case Wait() | Drop():
                yield item
            case Call():
                yield from answer.closed()
                yield from answer.call(item)
            case Think():
                yield from answer.closed()
                yield from answer.think(item)
            case Say():
                yield from answer.speak("output_text", "text", item.text)
            case Refuse():
                yield from answer.speak("refusal", "refusal", item.text)
    yield from answer.closed()
    yield answer.lifecycle("completed", "completed")
    return answer.response("completed")


class _Answer:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._output: list[dict[str, Any]] = []
        self._open: dict[str, Any] | None = None
        """The part of a message that is being spoken."""
        self._sent = 0
        self._spoken = 0
        self._thought = 0

    def lifecycle(self, moment: str, status: str) -> Event:
        return self._event(f"response.{moment}", response=self.response(status))

    def speak(self, kind: str, key: str, text: str) -> Iterator[Event]:
        if self._open is None or self._open["type"] != kind:
            yield from self.closed()
            yield from self._message(kind, key)
        assert self._open is not None
        for word in words(text):
            self._open[key] += word
            self._spoken += 1
            extra: dict[str, Any] = {"logprobs": []} if kind == "output_text" else {}
            yield self._part_event(f"response.{kind}.delta", delta=word, **extra)

    def _message(self, kind: str, key: str) -> Iterator[Event]:
        extra: dict[str, Any] = {"annotations": [], "logprobs": []} if kind == "output_text" else {}
        self._open = {"type": kind, key: "", **extra}
        message = {"type": "message", "role": "assistant", "content": []}
        yield self._begin("msg_", message)
        self._output[-1]["content"] = [self._open]
        yield self._part_event("response.content_part.added", part=dict(self._open))

    def closed(self) -> Iterator[Event]:
        """End the message that is being spoken, if any."""
        if part := self._open:
            self._open = None
            key = "text" if part["type"] == "output_text" else "refusal"
            extra: dict[str, Any] = {"logprobs": []} if key == "text" else {}
            done = f"response.{part['type']}.done"
            yield self._part_event(done, **{key: part[key]}, **extra)
            yield self._part_event("response.content_part.done", part=dict(part))
            yield self._end()

    def call(self, call: Call) -> Iterator[Event]:
        text = json.dumps(call.arguments, ensure_ascii=False)
        call_id = self._ask.id("call_", len(self._output))
        item = {"type": "function_call", "call_id": call_id, "name": call.tool, "arguments": ""}
        yield self._begin("fc_", item)
        for piece in slices(text):
            self._spoken += 1
            yield self._item_event("response.function_call_arguments.delta", delta=piece)
        self._output[-1]["arguments"] = text
        done = "response.function_call_arguments.done"
        yield self._item_event(done, arguments=text, name=call.tool)
        yield self._end()

    def think(self, think: Think) -> Iterator[Event]:
        part = {"type": "summary_text", "text": think.text}
        yield self._begin("rs_", {"type": "reasoning", "summary": []})
        added, done = (
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_part.done",
        )
        yield self._item_event(added, summary_index=0, part={**part, "text": ""})
        for word in words(think.text):
            self._spoken += 1
            self._thought += 1
            delta = "response.reasoning_summary_text.delta"
            yield self._item_event(delta, summary_index=0, delta=word)
        said = "response.reasoning_summary_text.done"
        yield self._item_event(said, summary_index=0, text=think.text)
        yield self._item_event(done, summary_index=0, part=part)
        self._output[-1]["summary"] = [part]
        yield self._end()

    def _begin(self, prefix: str, item: dict[str, Any]) -> Event:
        item = {"id": self._ask.id(prefix, len(self._output)), **item, "status": "in_progress"}
        self._output.append(item)
        index = len(self._output) - 1
        return self._event("response.output_item.added", output_index=index, item=dict(item))

    def _end(self) -> Event:
        item = self._output[-1]
        item["status"] = "completed"
        index = len(self._output) - 1
        return self._event("response.output_item.done", output_index=index, item=dict(item))

    def _item_event(self, kind: str, **fields: Any) -> Event:
        index = len(self._output) - 1
        return self._event(kind, item_id=self._output[-1]["id"], output_index=index, **fields)

    def _part_event(self, kind: str, **fields: Any) -> Event:
        return self._item_event(kind, content_index=0, **fields)

    def _event(self, kind: str, **fields: Any) -> Event:
        self._sent += 1
        return Event({"type": kind, "sequence_number": self._sent - 1, **fields}, name=kind)

    def response(self, status: str) -> dict[str, Any]:
        done = status == "completed"
        body = self._ask.body
        return {
            "id": self._ask.id("resp_"),
            "object": "response",
            "created_at": 1760000000,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "metadata": {},
            "model": self._ask.model,
            "output": self._output if done else [],
            "parallel_tool_calls": body.get("parallel_tool_calls", True),
            "previous_response_id": body.get("previous_response_id"),
            "temperature": body.get("temperature", 1.0),
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice", "auto"),
            "tools": body.get("tools") or [],
            "top_p": body.get("top_p", 1.0),
            "usage": self._usage() if done else None,
        }

    def _usage(self) -> dict[str, Any]:
        asked = self._ask.tokens
        return {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": asked // 2, "cache_write_tokens": 0},
            "output_tokens": self._spoken,
            "output_tokens_details": {"reasoning_tokens": self._thought},
            "total_tokens": asked + self._spoken,
        }
