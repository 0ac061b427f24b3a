"""The target's answer as the agent's SDK expects it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_opswald.exchange import Headers, Request, Response
from pytest_opswald.trace.steps import LlmOutput, Tokens
from pytest_opswald.wire.base import Reading
from pytest_opswald.wire.errors import message_of
from pytest_opswald.wire.json_text import dump
from pytest_opswald.wire.records import read, to_record
from pytest_opswald.wire.sse import encode_event

from .formats import ANSWERS
from .talk import Answer, Stop
from .target import Target

_KEPT_HEADERS = {"retry-after", "retry-after-ms", "x-should-retry"}
_REQUEST_IDS = {"x-request-id", "request-id"}
_STOPS: Mapping[str | None, Stop] = {
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "refusal",
    "refusal": "refusal",
}
"""Finish reasons of any format; all others mean an end, with or without tools to call."""


@dataclass(frozen=True, slots=True)
class Return:
    """Translates the answer to one request; called with it whole."""

    outgoing: Request
    asked: Mapping[str, Any]
    """The agent's own body."""
    spoken: str
    """The agent's format."""
    target: Target

    def __call__(self, response: Response) -> Response:
        if response.status >= 400:
            return self._refused(response, response.status, _complaint(response))
        try:
            reading = read(to_record(self.outgoing, response))
        except ValueError as error:
            return self._refused(response, 502, f"{self.target.name} answered {error}")
        if reading.error:
            return self._refused(response, _status_of(reading.error.message), reading.error.message)
        if not reading.complete:
            return self._refused(response, 502, f"the stream of {self.target.name} ended early")
        return self._told(response, self._answer(reading, response))

    def _answer(self, reading: Reading, response: Response) -> Answer:
        said = reading.output
        answer_id = hashlib.sha256(response.body).hexdigest()[:24]
        return Answer(
            id=answer_id,
            model=said.model or self.target.model,
            text=said.content,
            refusal=said.refusal,
            reasoning=said.reasoning,
            calls=tuple(
                call.model_copy(update={"id": call.id or f"call_{answer_id}{number}"})
                for number, call in enumerate(said.tool_calls)
            ),
            stop=_stop(said),
            tokens=reading.tokens or Tokens(),
        )

    def _told(self, response: Response, answer: Answer) -> Response:
        answers = ANSWERS[self.spoken]
        if self.asked.get("stream"):
            events = answers.stream(answer, self.asked)
            return self._response(response, 200, "text/event-stream", map(encode_event, events))
        whole = dump(answers.write(answer, self.asked))
        return self._response(response, 200, "application/json", (whole,))

    def _refused(self, response: Response, status: int, message: str) -> Response:
        body = dump(ANSWERS[self.spoken].error(status, message))
        return self._response(response, status, "application/json", (body,))

    def _response(
        self, response: Response, status: int, content_type: str, chunks: Iterable[bytes]
    ) -> Response:
        kept = _headers(response, ANSWERS[self.spoken].request_id)
        headers = (("content-type", content_type), *kept)
        return replace(response, status=status, headers=headers, chunks=tuple(chunks))


def _headers(response: Response, request_id: str) -> Headers:
    """What SDKs go by: when to try again, and how the provider calls the request."""
    found = ((name.lower(), value) for name, value in response.headers)
    return tuple(
        (request_id if name in _REQUEST_IDS else name, value)
        for name, value in found
        if name in _KEPT_HEADERS | _REQUEST_IDS
    )


def _stop(said: LlmOutput) -> Stop:
    if said.refusal:
        return "refusal"
    return _STOPS.get(said.finish_reason) or ("tools" if said.tool_calls else "end")


def _complaint(response: Response) -> str:
    """The provider's sentence; the beginning of what it said when there is none."""
    text = response.body.decode("utf-8", "replace")
    try:
        told = message_of(json.loads(text))
    except ValueError:
        told = None
    return told or text[:500] or f"HTTP {response.status}"


def _status_of(message: str) -> int:
    """The status of an error that came within a stream, when the status had been sent."""
    said = message.lower()
    return 529 if "overloaded" in said else 429 if "rate limit" in said else 500
