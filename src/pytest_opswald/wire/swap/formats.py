"""What a swap needs to know of each format: one line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_opswald.trace.steps import SseEvent

from .answers import anthropic as anthropic_answers
from .answers import openai_chat as chat_answers
from .answers import openai_responses as responses_answers
from .reading import anthropic as read_anthropic
from .reading import openai_chat as read_chat
from .reading import openai_responses as read_responses
from .talk import Answer, Ask
from .writing import anthropic as write_anthropic
from .writing import openai_chat as write_chat
from .writing import openai_responses as write_responses

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
    "openai_chat": Asks(read_chat.read, write_chat.write),
    "openai_responses": Asks(read_responses.read, write_responses.write),
    "anthropic": Asks(read_anthropic.read, write_anthropic.write),
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
