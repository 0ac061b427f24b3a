"""What a swap needs to know of each format: one line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_opswald.trace.steps import SseEvent

from .answers import anthropic as anthropic_answers
from .answers import openai_chat as chat_answers
from .answers import openai_responses as responses_answers
from .asks import anthropic as anthropic_asks
from .asks import openai_chat as chat_asks
from .asks import openai_responses as responses_asks
from .talk import Answer, Ask

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asks:
    """Requests of one format."""

    read: Callable[[Body], Ask]
    write: Callable[[Ask, str], tuple[dict[str, Any], tuple[str, ...]]]
    """Takes the model; returns the body, and what was left out."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of one format; the request that they answer comes second."""

    write: Callable[[Answer, Body], dict[str, Any]]
    stream: Callable[[Answer, Body], Iterator[SseEvent]]
    error: Callable[[int, str], dict[str, Any]]
    request_id: str
    """Header in which SDKs look for the provider's name of a request."""


ASKS: Mapping[str, Asks] = {
    "openai_chat": Asks(chat_asks.read, chat_asks.write),
    "openai_responses": Asks(responses_asks.read, responses_asks.write),
    "anthropic": Asks(anthropic_asks.read, anthropic_asks.write),
}
_OPENAI = (chat_answers.write_error, "x-request-id")
ANSWERS: Mapping[str, Answers] = {
    "openai_chat": Answers(chat_answers.write, chat_answers.stream, *_OPENAI),
    "openai_responses": Answers(responses_answers.write, responses_answers.stream, *_OPENAI),
    "anthropic": Answers(
        anthropic_answers.write,
        anthropic_answers.stream,
        anthropic_answers.write_error,
        "request-id",
    ),
}
