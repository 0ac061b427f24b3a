"""Signatures of webhooks, as Standard Webhooks has them."""

from __future__ import annotations

import binascii
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """What is signed with: behind `whsec_` base64, else the text as it is, in UTF-8.

    Raises ValueError where base64 is said and none follows.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        key = b64decode(secret.removeprefix(PREFIX) + "==", validate=False)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError(f"{PREFIX} and base64 behind it, or any other text")
    return key


def signed(
    message: str, body: bytes, *, at: datetime, with_secrets: Sequence[str]
) -> dict[str, str]:
    """The headers of one attempt; one signature for each secret that is in force."""
    from standardwebhooks import Webhook

    signatures = [
        Webhook(key_of(secret)).sign(message, at, body.decode()) for secret in with_secrets
    ]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
