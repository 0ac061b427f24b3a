"""agent-replay-py: JSON lines, matched by provider-aware fingerprints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

# It knows httpx only: the alias, made before its import, lets openai 3 take its client.
httpx2.alias_httpx()

import agentreplay  # noqa: E402
from openai import OpenAI  # noqa: E402

from benchmarks.conversations import BASE_URL, KEY, Conversation  # noqa: E402
from benchmarks.lanes import Lane, ask_all  # noqa: E402
from benchmarks.wire import Ready  # noqa: E402


def record(folder: Path, conversation: Conversation) -> None:
    with agentreplay.cassette(str(folder / "cassette.jsonl"), mode="record") as cassette:
        http = cassette.httpx_client()
        http._transport.upstream = Ready(conversation)
        ask_all(_client(http), conversation)


def lane(folder: Path, conversation: Conversation) -> Lane:
    @contextmanager
    def replayed() -> Iterator[OpenAI]:
        path = str(folder / "cassette.jsonl")
        with agentreplay.cassette(path, mode="replay") as cassette:
            yield _client(cassette.httpx_client())

    return replayed


def _client(http: httpx2.Client) -> OpenAI:
    return OpenAI(api_key=KEY, base_url=BASE_URL, max_retries=0, http_client=http)
