"""respx with a route per call: mocks written by hand, for no recording is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

# respx knows httpx only: the alias, made before its import, lets it see what openai 3 sends.
httpx2.alias_httpx()

import respx  # noqa: E402
from openai import OpenAI  # noqa: E402

from benchmarks.conversations import BASE_URL, Conversation  # noqa: E402
from benchmarks.lanes import Lane, client  # noqa: E402


def record(folder: Path, conversation: Conversation) -> None:
    """There is nothing to keep."""


def lane(folder: Path, conversation: Conversation) -> Lane:
    headers = {"content-type": conversation.content_type}

    @contextmanager
    def mocked() -> Iterator[OpenAI]:
        with respx.mock(assert_all_called=False) as router:
            for ask, answer in zip(conversation.asks, conversation.answers, strict=True):
                route = router.post(f"{BASE_URL}/chat/completions", json__messages=ask["messages"])
                route.respond(200, headers=headers, content=b"".join(answer))
            yield client()

    return mocked
