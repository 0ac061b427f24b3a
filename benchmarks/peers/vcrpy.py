"""vcrpy as it comes: requests are told apart by method and URL alone, answers come in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import vcr
from openai import OpenAI

from benchmarks.conversations import Conversation
from benchmarks.lanes import Lane, ask_all, client

from .mock import mock_client

DEFAULT = ("method", "scheme", "host", "port", "path", "query")


def record(folder: Path, conversation: Conversation) -> None:
    with vcr.use_cassette(str(folder / "cassette.yaml"), record_mode="all"):
        ask_all(mock_client(conversation), conversation)


def lane(folder: Path, conversation: Conversation, *, match_on: Sequence[str] = DEFAULT) -> Lane:
    @contextmanager
    def replayed() -> Iterator[OpenAI]:
        cassette = str(folder / "cassette.yaml")
        with vcr.use_cassette(cassette, record_mode="none", match_on=list(match_on)):
            yield client()

    return replayed
