"""The path of a request tells its format."""

from __future__ import annotations

import pytest

from pytest_opswald.wire.registry import FORMATS, by_name, format_for


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/chat/completions", "openai_chat"),
        ("/chat/completions", "openai_chat"),
        ("/openai/v1/chat/completions", "openai_chat"),
        ("/api/v1/chat/completions/", "openai_chat"),
        ("/openai/deployments/gpt-4o/chat/completions", "openai_chat"),
        ("/v1/responses", "openai_responses"),
        ("/openai/responses", "openai_responses"),
        ("/v1/messages", "anthropic"),
        ("/anthropic/v1/messages", "anthropic"),
    ],
)
def test_a_path_is_spoken(path, name):
    """OpenAI, Azure and all who speak like them; Anthropic and its gateways."""
    wire = format_for("POST", path)

    assert wire is not None
    assert wire.name == name


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/responses"),
        ("GET", "/v1/responses/resp_1"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/responses/input_tokens"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/messages/batches"),
        ("POST", "/v1/threads/thread_1/messages"),
        ("POST", "/v1/embeddings"),
        ("POST", "/"),
    ],
)
def test_other_paths_are_not(method, path):
    """Polling, counting, batches, threads and embeddings are no LLM calls."""
    assert format_for(method, path) is None


def test_every_format_is_found_by_its_name():
    """A record names its format."""
    assert [by_name(wire.name) for wire in FORMATS] == list(FORMATS)


def test_an_unknown_name_is_told_what_there_is():
    """The error lists the formats."""
    with pytest.raises(ValueError, match=r"'gemini'; there are openai_chat, openai_responses"):
        by_name("gemini")
