"""API keys: how one is made, told from a typo, and kept.

`ops_`, 32 random bytes as 43 letters and digits, and 6 more that check them: a scanner that finds
such a text knows that it is a key, and a mistyped one is told without asking the database.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from string import ascii_letters, digits
from zlib import crc32

PREFIX = "ops_"
_ALPHABET = digits + ascii_letters
_RANDOM, _CHECK = 43, 6
_KEY = re.compile(rf"{PREFIX}([A-Za-z0-9]{{{_RANDOM}}})([A-Za-z0-9]{{{_CHECK}}})", re.ASCII)


def new_key() -> str:
    body = _letters(int.from_bytes(secrets.token_bytes(32)), _RANDOM)
    return f"{PREFIX}{body}{_check(body)}"


def is_key(text: str) -> bool:
    """Whether `new_key` may have made this: its shape and its check."""
    found = _KEY.fullmatch(text)
    return found is not None and found[2] == _check(found[1])


def digest(key: str) -> bytes:
    """What is kept instead of the key: SHA-256, enough for 256 random bits."""
    return sha256(key.encode()).digest()


def hint(key: str) -> str:
    """What a key is recognised by in lists: `ops_...4fPq`."""
    return f"{PREFIX}...{key[-4:]}"


def _check(body: str) -> str:
    return _letters(crc32(f"{PREFIX}{body}".encode()), _CHECK)


def _letters(number: int, length: int) -> str:
    """In base 62, with zeros in front."""
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        found.append(_ALPHABET[digit])
    return "".join(reversed(found))
