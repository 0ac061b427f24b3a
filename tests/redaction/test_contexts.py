"""What the words beside a value tell."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.detector import Detector

VALUE = "9f8E7d6c" + "5B4a3928"


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in Detector().find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE_TOKEN={}",
        "api_key: {}",
        "API key: {}",
        "the api key is {}.",
        "password='{}'",
        'secret = "{}"',
        '{{"password": "{}", "user": "ana"',
        '{{\\"client_secret\\": \\"{}\\"}}',
        "{{'access_token': '{}'}}",
        "Authorization: Bearer {}",
        "authorization: token {}",
        'headers = {{"Authorization": "Bearer {}"}}',
        "sent Bearer {} along",
        "curl -u ana:{} https://example.com",
        "curl --user 'ana:{}' https://example.com",
        "postgres://ana:{}@db.example.com/main",
        "https://{}@git.example.com/repo.git",
        "https://example.com/v1?sig={}&x=1",
        "https://example.com/v1?a=1&X-Amz-Signature={}",
        "redirect=https%3A%2F%2Fa.example%3Fapi_key%3D{}",
        "DefaultEndpointsProtocol=https;AccountKey={};EndpointSuffix=core",
        "Cookie: session={}; theme=dark",
        "Set-Cookie: sid={}; Path=/; HttpOnly",
        "--api-key={}",
        "password: {}",
    ],
)
def test_a_value_is_told_by_what_stands_beside_it(text: str) -> None:
    """And it alone is taken, not the words around it."""
    assert found(text.format(VALUE)) == [VALUE]


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password()",
        "password: str",
        "password=os.environ['DB_PASSWORD']",
        "api_key = config.api_key",
        "self.api_key = _client.WORKLOAD_KEY_PLACEHOLDER",
        'api_key: "string"',
        "token: 4096",
        '{"max_tokens": "4096", "token_count": "12345678a"}',
        "Secret: never give up",
        "The password is required.",
        "the key is under the mat",
        "basic authentication is off; bearer tokens are used",
        "Basic understanding of internationalization",
        '{"password": 12345678}',
        "see https://example.com/a:b@c",
        "cookie: small sweet biscuit",
        'required: ["password", "email"]',
        "api_key=$SERVICE_KEY",
        "password={{ vault.password }}",
        "your api_key: <your-api-key>",
    ],
)
def test_prose_and_code_stay(text: str) -> None:
    """Names without values, code that fetches them, types, templates."""
    assert found(text) == []
