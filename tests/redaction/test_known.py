"""What a session knows to be secret."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.known import in_environment, in_headers
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.session import Secrets
from tests.redaction.planted import secret

VALUE = 'pa"ss/wörd+9 ' + "Xy"


@pytest.mark.parametrize(
    ("name", "value", "is_known"),
    [
        ("DB_PASSWORD", "tr0ub4dor", True),
        ("OPENAI_API_KEY", "a-dummy-for-tests-1", True),
        ("MY_SETTING", secret("github"), True),
        ("DB_PASSWORD", "short1", False),
        ("DB_PASSWORD", "postgres", False),
        ("AUTH_MODE", "disabled-for-now-1", False),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/keys/account1.json", False),
        ("SSH_AUTH_SOCK", "/tmp/agent.17", False),
        ("API_TOKEN", "${OTHER_TOKEN_1}", False),
        ("MAX_TOKENS", "1000000000", False),
        ("EDITOR", "vim-9.1.0016", False),
    ],
)
def test_variables_are_known_by_name_or_shape(name: str, value: str, is_known: bool) -> None:
    """Plain words, paths and templates are not: replacing them everywhere would hit other things."""
    assert dict(in_environment({name: value})) == (
        {value: name.lower().replace("_", "-")} if is_known else {}
    )


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (("Authorization", "Bearer abc-123-def"), ["abc-123-def"]),
        (("Authorization", "Basic " + base64.b64encode(b"ana:s3cret-word").decode()), None),
        (("x-api-key", "abc-123-def"), ["abc-123-def"]),
        (("Cookie", "theme=dark; sid=abc-123-def"), ["abc-123-def"]),
        (("Set-Cookie", "sid=abc-123-def; Expires=Wed, 21 Oct 2026"), ["abc-123-def"]),
        (("User-Agent", "OpenAI/Python 3.54.0"), []),
    ],
    ids=["bearer", "basic", "api key", "cookie", "set-cookie", "other"],
)
def test_credentials_are_known_from_headers(
    header: tuple[str, str], known: list[str] | None
) -> None:
    """Without their scheme; of user and password both forms."""
    expected = [header[1].split()[1], "s3cret-word"] if known is None else known

    assert [value for value, _ in in_headers([header])] == expected


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda value: json.dumps(value),
        lambda value: json.dumps(value, ensure_ascii=False),
        lambda value: json.dumps(json.dumps(value)),
        lambda value: quote(value, safe=""),
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.b64encode(f"u:{value}".encode()).decode(),
        lambda value: base64.urlsafe_b64encode(f"us:{value}!".encode()).decode(),
        lambda value: value.encode().hex(),
    ],
    ids=["plain", "json", "json unicode", "json twice", "url", "base64", "+2", "+3", "hex"],
)
def test_a_known_value_is_found_in_whatever_form(form) -> None:
    """As it is, escaped, in a URL, and in base64 at any offset."""
    text = f"before {form(VALUE)} after"

    clean = Redactor(Detector(known={VALUE: "db-password"})).text(text)

    assert "‹redacted:db-password#1›" in clean
    assert len(clean) < len("before ‹redacted:db-password#1› after") + 12


def test_a_longer_value_goes_first() -> None:
    """One secret may begin with another."""
    known = {"abcd-1234": "short", "abcd-1234-efgh": "long"}

    clean = Redactor(Detector(known=known)).text("abcd-1234-efgh and abcd-1234")

    assert clean == "‹redacted:long#1› and ‹redacted:short#1›"


def test_a_session_looks_again_when_the_environment_changes() -> None:
    """Agents load their keys while they run."""
    variables: dict[str, str] = {}
    secrets = Secrets(environment=lambda: variables)

    variables["DB_PASSWORD"] = "tr0ub4dor"
    secrets.look_around()

    assert secrets.live.text("tr0ub4dor") == "‹redacted:db-password#1›"
