"""Signatures, checked by the official library as receivers use it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from pytest_opswald.server.webhooks.signing import key_of, new_secret, signed

BODY = '{"event": "trace.completed", "data": {"name": "Zoë"}}'.encode()


def _headers(*secrets: str) -> dict[str, str]:
    return signed("msg_1", BODY, at=datetime.now(UTC), with_secrets=secrets)


def test_the_secret_of_the_vendors_page_verifies() -> None:
    """Plain text, which is no base64: its bytes are the key."""
    headers = _headers("your-webhook-secret")

    assert Webhook(b"your-webhook-secret").verify(BODY, headers)["event"] == "trace.completed"


def test_a_secret_made_here_verifies_as_it_is() -> None:
    """`whsec_` and base64, which the library reads by itself; no two are alike."""
    secret = new_secret()

    assert Webhook(secret).verify(BODY, _headers(secret))
    assert secret != new_secret()


def test_while_secrets_change_both_verify() -> None:
    """The new one and the one before it; a third does not."""
    headers = _headers("new", "old")

    assert Webhook(b"new").verify(BODY, headers)
    assert Webhook(b"old").verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"stolen").verify(BODY, headers)


def test_what_was_changed_on_the_way_does_not_verify() -> None:
    """Body, id and time are signed."""
    headers = _headers("secret")

    with pytest.raises(WebhookVerificationError):
        Webhook(b"secret").verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"secret").verify(BODY, headers | {"webhook-id": "msg_2"})


@pytest.mark.parametrize("secret", ["whsec_", "whsec_a", "whsec_!!"])
def test_base64_that_is_none_is_refused(secret: str) -> None:
    """Nobody could verify what is signed with it."""
    with pytest.raises(ValueError, match="base64"):
        key_of(secret)


def test_padding_may_be_missing() -> None:
    """As the library has it."""
    unpadded = "whsec_" + b64encode(b"four").decode().rstrip("=")

    assert Webhook(unpadded).verify(BODY, _headers(unpadded))
