"""What names promise."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.names import Secrecy, holds_secret, kind_of, secrecy


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "dbPassword",
        "DB_PASSWORD",
        "user-passwd",
        "passphrase",
        "client_secret",
        "clientSecret",
        "SECRET_KEY_BASE",
        "privateKey",
        "aws_secret_access_key",
        "new_password",
    ],
)
def test_some_names_promise_a_secret(name: str) -> None:
    """In camels, snakes and kebabs."""
    assert secrecy(name) is Secrecy.PASSWORD


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "apiKey",
        "APIKey",
        "apikey",
        "X-API-Key",
        "x-goog-api-key",
        "OPENAI_API_KEY",
        "accessToken",
        "refresh_token",
        "AccountKey",
        "Authorization",
        "connectionString",
        "bot_token",
    ],
)
def test_some_names_promise_a_key(name: str) -> None:
    """One word that no language has."""
    assert secrecy(name) is Secrecy.KEY


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "total_tokens",
        "completion_tokens",
        "tokens",
        "token_count",
        "token_type",
        "next_page_token",
        "pageToken",
        "continuation_token",
        "eos_token",
        "session_id",
        "key",
        "primary_key",
        "keyboard",
        "monkey",
        "secretary",
        "author",
        "authority",
        "password_policy",
        "secret_name",
        "signature",
        "tokenizer",
        "",
    ],
)
def test_most_names_promise_nothing(name: str) -> None:
    """Counts, places in lists, ids, words that merely look alike."""
    assert secrecy(name) is Secrecy.NONE


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("password", "hunter2", True),
        ("password", "correct horse battery staple", True),
        ("password", "must be changed at the next time of signing in", False),
        ("password", "string", False),
        ("password", "{{password}}", False),
        ("password", "$DB_PASSWORD", False),
        ("password", "********", False),
        ("password", "‹redacted:password#1›", False),
        ("api_key", "9f8e7d6c5b4a", True),
        ("api_key", "required", False),
        ("api_key", "/etc/keys/main1", False),
        ("token", "9f8e7d6c5b4a39281706", True),
        ("token", "Hello2026", False),
        ("title", "9f8e7d6c5b4a39281706", False),
    ],
)
def test_a_promise_is_held_against_the_value(name: str, value: str, is_secret: bool) -> None:
    """Types, templates, sentences and placeholders are none."""
    assert holds_secret(name, value) is is_secret


def test_placeholders_call_values_by_their_names() -> None:
    """In small letters and dashes."""
    assert kind_of("X-APIKey") == "x-api-key"
