"""Readings that formats share."""

from __future__ import annotations

import pytest

from pytest_opswald.wire.parts import provider_of, text_or_blocks


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.groq.com/openai/v1/chat/completions", "groq"),
        ("https://openrouter.ai/api/v1/chat/completions", "openrouter"),
        ("https://me.openai.azure.com/openai/v1/responses", "azure"),
        ("https://bedrock-mantle.us-east-1.api.aws/openai/v1/responses", "aws"),
        ("https://api.x.ai/v1/chat/completions", "xai"),
        ("https://box.ai/v1/chat/completions", "box"),
        ("http://localhost/v1/chat/completions", "openai"),
        ("http://10.0.0.7:8000/v1/chat/completions", "openai"),
        ("", "openai"),
    ],
)
def test_the_host_names_the_provider(url, provider):
    """Where the host says nothing, the format's own vendor is meant."""
    assert provider_of(url, "openai") == provider


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (None, None),
        ("Hi", "Hi"),
        ([{"type": "text", "text": "Hi"}, {"type": "input_text", "text": "there"}], "Hi\nthere"),
        (["Hi", "there"], "Hi\nthere"),
        ([], ""),
        ([{"type": "image"}], [{"type": "image"}]),
        ({"type": "image"}, [{"type": "image"}]),
    ],
    ids=["nothing", "text", "text blocks", "strings", "no blocks", "image", "single block"],
)
def test_text_is_told_from_blocks(content, read):
    """Nothing but text becomes text; anything more stays as the provider had it."""
    assert text_or_blocks(content) == read
