"""A golden grows with what was said, and changes where something else was said."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_opswald.store import json_text
from pytest_opswald.store.encoding import to_data
from pytest_opswald.trace.golden import Golden

Provider = Callable[..., Golden]
Turns = Callable[..., list[Any]]
STREAMS = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])


def file_of(provider: Provider, said: list[Any], *, stream: bool) -> str:
    return json_text.dump(to_data(provider(said, stream=stream)))


@STREAMS
def test_a_long_chat_takes_less_than_three_times_its_text(
    provider: Provider, turns: Turns, stream: bool
) -> None:
    """40 turns of 30 KiB stay a small file, whatever envelopes the provider puts around them."""
    said = turns(40, characters=384)

    ratio = len(file_of(provider, said, stream=stream)) / sum(
        len(turn.user) + len(turn.answer) for turn in said
    )

    assert ratio < (3 if stream else 2)


@STREAMS
def test_twice_the_turns_take_twice_the_space(
    provider: Provider, turns: Turns, stream: bool
) -> None:
    """Size is linear in the number of turns."""
    some, more = (file_of(provider, turns(n, characters=100), stream=stream) for n in (50, 100))

    assert len(more) < 2.1 * len(some)


@STREAMS
@pytest.mark.parametrize("characters", [20, 384], ids=["short", "long"])
def test_one_edited_word_changes_only_its_turn(
    provider: Provider, turns: Turns, stream: bool, characters: int
) -> None:
    """A word edited in turn 3 is at most two hunks of a line diff."""
    said = turns(40, characters=characters)
    edited = [*said[:2], replace(said[2], user=f"{said[2].user} now"), *said[3:]]

    before, after = (file_of(provider, chat, stream=stream).splitlines() for chat in (said, edited))

    hunks = [line for line in difflib.unified_diff(before, after, n=0) if line.startswith("@@")]
    assert 1 <= len(hunks) <= 2
