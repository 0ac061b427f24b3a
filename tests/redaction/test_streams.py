"""Secrets that come in pieces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.streams import redacted_events
from tests.redaction.planted import CONTEXTS, KINDS, secret


def chat(piece: str, index: int = 0) -> dict[str, Any]:
    choice = {"index": index, "delta": {"content": piece}}
    return {"data": {"id": "chatcmpl-1", "choices": [choice]}}


def chat_tool(piece: str, index: int = 0) -> dict[str, Any]:
    call = {"index": index, "function": {"arguments": piece}}
    return {
        "data": {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    }


def anthropic(piece: str, index: int = 0) -> dict[str, Any]:
    delta = {"type": "text_delta", "text": piece}
    data = {"type": "content_block_delta", "index": index, "delta": delta}
    return {"event": "content_block_delta", "data": data}


def responses(piece: str, index: int = 0) -> dict[str, Any]:
    kind = "response.output_text.delta"
    return {"event": kind, "data": {"type": kind, "output_index": index, "delta": piece}}


def plain(piece: str, index: int = 0) -> dict[str, Any]:
    return {"event": f"part {index}", "data": piece}


FORMATS = {
    "chat": chat,
    "tool": chat_tool,
    "anthropic": anthropic,
    "responses": responses,
    "plain": plain,
}
each_format = pytest.mark.parametrize("event", FORMATS.values(), ids=FORMATS)


def said(event: Any) -> str:
    """The piece in an event of any format."""
    match event["data"]:
        case str(text):
            return text
        case {"choices": [{"delta": {"content": text}}]}:
            return text
        case {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": text}}]}}]}:
            return text
        case {"delta": {"text": text}} | {"delta": str(text)}:
            return text
    raise AssertionError(event)


def redacted(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return redacted_events(events, Redactor(Detector()))


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text with a secret, and its pieces."""
    text = draw(st.sampled_from(list(CONTEXTS.values())))(secret(draw(st.sampled_from(KINDS))))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@each_format
@given(cut=cut_texts())
def test_any_cut_is_safe(event: Any, cut: tuple[str, list[str]]) -> None:
    """The pieces together are what the whole text would be, in as many events."""
    text, pieces = cut

    events = redacted([event(piece) for piece in pieces])

    assert len(events) == len(pieces)
    assert "".join(map(said, events)) == Redactor(Detector()).text(text)


@each_format
def test_parallel_texts_are_told_apart(event: Any) -> None:
    """Two choices, calls or blocks that take turns."""
    key = secret("openai-project")
    half = len(key) // 2

    events = redacted(
        [event(key[:half]), event("good ", 1), event(key[half:]), event("morning", 1)]
    )

    assert list(map(said, events)) == ["‹redacted:openai-key#1›", "good ", "", "morning"]


def test_one_character_an_event_is_safe() -> None:
    """The finest cut there is."""
    key = secret("github")

    events = redacted([chat(char) for char in f"use {key}!"])

    assert "".join(map(said, events)) == "use ‹redacted:github-token#1›!"


def test_events_without_secrets_come_back_as_they_are() -> None:
    """The very objects."""
    events = [chat("Hello "), chat("there")]

    assert all(new is old for new, old in zip(redacted(events), events, strict=True))


def test_a_secret_whole_in_one_event_is_replaced_there() -> None:
    """Summaries at the end of a stream repeat all that was said."""
    key = secret("github")
    done = {"event": "done", "data": {"type": "done", "text": f"use {key}"}}

    events = redacted([chat(key[:9]), chat(key[9:]), done])

    assert events[2]["data"]["text"] == "use ‹redacted:github-token#1›"
    assert said(events[0]) == "‹redacted:github-token#1›"


def test_what_is_said_of_a_token_goes_with_it() -> None:
    """Its bytes, and what might have stood there; other tokens stay."""
    key = secret("github")
    said = [
        {"token": text, "bytes": list(text.encode()), "top_logprobs": [{"token": text}]}
        for text in ("use ", key[:9], key[9:])
    ]

    [event] = redacted_events([{"logprobs": {"content": said}}], Redactor(Detector()))

    first, second, third = event["logprobs"]["content"]
    assert first == said[0]
    assert second["token"] == bytes(second["bytes"]).decode() == "‹redacted:github-token#1›"
    assert third == {"token": "", "bytes": [], "top_logprobs": []}
