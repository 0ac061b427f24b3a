"""What names say about the values they stand for.

`password`, `dbPassword`, `X-API-Key` and `client_secret` name secrets; `max_tokens`,
`next_page_token`, `token_type`, `session_id` and `primary_key` do not.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from .judging import is_password, is_token

_LONGEST_NAME = 80
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Secrecy(IntEnum):
    """How much a name promises that its value is a secret."""

    NONE = 0
    PERHAPS = 1
    """`token`, `auth`: only what looks random."""
    KEY = 2
    """`api_key`, `access_token`: one word with digits or capitals in it."""
    PASSWORD = 3
    """`password`, `secret`: anything but a sentence or a dummy."""
    COOKIE = 4
    """Values within are secret."""


_END = r"(?:_(?:value|text|plain|plaintext|string|b64|base64|header|hash|\d+))?"
_PASSWORD = re.compile(
    r"(?:.*_)?(?:[a-z]{0,12}password|[a-z]{0,8}passwd|pass_?phrase|pass_?code|pwd|pass_?wd|pass_word"
    r"|[a-z]{0,12}secrets?|secret_?key(?:_?base)?|private_?key(?:_?pem)?|secret_?access_?key"
    r"|client_?secret|signing_?(?:key|secret)|encryption_?key)" + _END
)
_KEY = re.compile(
    r"(?:.*_)?(?:[a-z]{0,12}api_?(?:key|token)s?|apikeys?|access_?(?:key|token)s?|access_?key_?id"
    r"|(?:refresh|auth|bearer|session|id|bot|user|security|csrf|xsrf|device|service|account|personal"
    r"|deploy|oauth2?|jwt|webhook|verification|reset|login|private|admin|app|hf|gh|github|gitlab"
    r"|slack|npm|pypi)_?token"
    r"|(?:auth|master|account|storage|shared|subscription|ssh|deploy|service|consumer|hmac|license"
    r"|admin|app|application|shared_?access|function|host|session|server|write|ingestion)_?key"
    r"|credentials?|bearer|jwt|connection_?string|proxy_?authorization|authorization)" + _END
)
_PERHAPS = re.compile(r"(?:.*_)?(?:[a-z]{0,12}token|auth|otp|sig|dsn)" + _END)
_COOKIE = re.compile(r"(?:.*_)?(?:set_?)?cookies?2?")
_PLACES = """
added bos cached cancel cancellation class cls completion continuation cursor decimals end eos first
generated image input last logit mask max mean min n next num output pad page per prev previous
prompt reasoning resume sep skip special start stop sync total unk usage
"""
_COUNTED = frozenset(_PLACES.split())
"""Before `token`: a place in a list, or a unit of text."""


@lru_cache(maxsize=4096)
def spelt(name: str) -> str:
    """The name in small words: `X-APIKey` as `x_api_key`."""
    return "_".join(_WORD.findall(name[:_LONGEST_NAME])).lower()


@lru_cache(maxsize=4096)
def secrecy(name: str) -> Secrecy:
    """What a name, a key or a header promises."""
    words = spelt(name)
    if len(name) > _LONGEST_NAME or not words:
        return Secrecy.NONE
    if _PASSWORD.fullmatch(words):
        return Secrecy.PASSWORD
    if _COOKIE.fullmatch(words):
        return Secrecy.COOKIE
    if not _COUNTED.isdisjoint(words.split("_")):
        return Secrecy.NONE
    if _KEY.fullmatch(words):
        return Secrecy.KEY
    return Secrecy.PERHAPS if _PERHAPS.fullmatch(words) else Secrecy.NONE


def kind_of(name: str) -> str:
    """What a placeholder calls the value of a name: `x-api-key`."""
    return spelt(name).replace("_", "-")[:40] or "secret"


def holds_secret(name: str, value: str) -> bool:
    """Whether the value under a name is one secret, whole."""
    match secrecy(name):
        case Secrecy.PASSWORD:
            return is_password(value)
        case Secrecy.KEY:
            return is_token(value, 8)
        case Secrecy.PERHAPS:
            return is_token(value, 16)
    return False
