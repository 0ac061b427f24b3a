"""cassetter, told to look at what was asked: by default it goes by method and URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cassetter
from openai import OpenAI

from benchmarks.conversations import Conversation
from benchmarks.lanes import Lane, ask_all, client

from .mock import mock_client


def record(folder: Path, conversation: Conversation) -> None:
    with cassetter.use_cassette(folder / "cassette.yaml", record_mode="all"):
        ask_all(mock_client(conversation), conversation)


def lane(folder: Path, conversation: Conversation) -> Lane:
    @contextmanager
    def replayed() -> Iterator[OpenAI]:
        match_on = ["method", "uri", "body"]
        path = folder / "cassette.yaml"
        with cassetter.use_cassette(path, record_mode="none", match_on=match_on):
            yield client()

    return replayed
