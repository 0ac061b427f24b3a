"""Who answers an agent's calls: nobody but memory, or a golden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx2
from openai import AsyncOpenAI, OpenAI

from pytest_opswald import runs

from .conversations import BASE_URL, KEY, Conversation
from .wire import AsyncReady, Ready

Lane = Callable[[], AbstractContextManager[OpenAI]]
"""Puts somebody in force who answers, and gives a client to ask through."""


def client(conversation: Conversation | None = None) -> OpenAI:
    """As an agent makes it; with a conversation, one whose wire is memory."""
    http = httpx2.Client(transport=Ready(conversation)) if conversation else None
    return OpenAI(api_key=KEY, base_url=BASE_URL, max_retries=0, http_client=http)


def async_client(conversation: Conversation | None = None, *, together: int = 1) -> AsyncOpenAI:
    http = None
    if conversation:
        http = httpx2.AsyncClient(transport=AsyncReady(conversation, together=together))
    return AsyncOpenAI(api_key=KEY, base_url=BASE_URL, max_retries=0, http_client=http)


def limit(conversation: Conversation) -> Lane:
    """The SDK's own work: no replay through it can be faster."""

    @contextmanager
    def lane() -> Iterator[OpenAI]:
        yield client(conversation)

    return lane


def replayed(golden: Path) -> Lane:
    """pytest-opswald; the verdict must be good."""

    @contextmanager
    def lane() -> Iterator[OpenAI]:
        with runs.replay(golden) as run:
            yield client()
        if run.verdict.failed:
            raise AssertionError(f"{golden}: {run.verdict.reason_codes}")

    return lane


def ask_all(openai: OpenAI, conversation: Conversation) -> None:
    """Make every call; what it answers must be what was said."""
    create = openai.chat.completions.create
    for ask in conversation.asks:
        answer: Any = create(**ask)
        if conversation.streams:
            for _ in answer:
                pass
        elif answer.object != "chat.completion":
            raise AssertionError(answer)


def seconds_of_calls(lane: Lane, conversation: Conversation, *, last: int = 0) -> float:
    """What the calls take, all of them or the last; setting up and judging does not count."""
    size = len(conversation.asks)
    skipped = size - last if last else 0
    before = Conversation(conversation.asks[:skipped], conversation.answers[:skipped])
    rest = Conversation(conversation.asks[skipped:], conversation.answers[skipped:])
    with lane() as openai:
        if skipped:
            ask_all(openai, before)
        start = perf_counter()
        ask_all(openai, rest)
        return perf_counter() - start


def seconds_of_test(lane: Lane, conversation: Conversation) -> float:
    """What a whole test takes: the client's construction, the calls, the verdict."""
    start = perf_counter()
    with lane() as openai:
        ask_all(openai, conversation)
    return perf_counter() - start


def record(golden: Path, conversation: Conversation) -> Path:
    """A golden, recorded as a user would, but for the wire."""
    with runs.record(golden):
        ask_all(client(conversation), conversation)
    return golden
