"""URLs lose what a golden must not show, and what differs from run to run."""

from __future__ import annotations

import pytest

from pytest_opswald.wire.urls import public_url


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://api.openai.com/v1/responses", "https://api.openai.com/v1/responses"),
        ("https://me:secret@API.example.com/v1", "https://api.example.com/v1"),
        ("https://llm.example.com:8443/v1", "https://llm.example.com:8443/v1"),
        ("http://127.0.0.1:40123/v1/messages?beta=true", "http://localhost/v1/messages?beta=true"),
        ("http://localhost:8000/v1", "http://localhost/v1"),
        ("http://[::1]:8000/v1", "http://localhost/v1"),
        ("http://0.0.0.0:8000/v1", "http://localhost/v1"),
        ("http://llm.localhost:8000/v1", "http://localhost/v1"),
        (
            "https://x.example.com/v1?key=AIza&alt=sse",
            "https://x.example.com/v1?key=REDACTED&alt=sse",
        ),
        (
            "https://x.example.com/?access_token=a#top",
            "https://x.example.com/?access_token=REDACTED",
        ),
        (
            "https://x.example.com/?X-Amz-Signature=a",
            "https://x.example.com/?X-Amz-Signature=REDACTED",
        ),
        (
            "https://x.example.com/?api-version=1&q=a%20b&flag",
            "https://x.example.com/?api-version=1&q=a%20b&flag",
        ),
        ("https://x.example.com/?page_token=2", "https://x.example.com/?page_token=2"),
    ],
    ids=[
        "plain",
        "user",
        "port",
        "loopback",
        "localhost",
        "ipv6",
        "any address",
        "name below localhost",
        "key",
        "token",
        "signature",
        "harmless query",
        "page",
    ],
)
def test_a_url_is_made_public(url, public):
    """User, fragment and secret values go; so does a loopback port."""
    assert public_url(url) == public


def test_a_public_url_stays_as_it_is():
    """Doing it twice changes nothing."""
    once = public_url("http://me@127.0.0.1:1/v1?token=a&b=c")

    assert public_url(once) == once
