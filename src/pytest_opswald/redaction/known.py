"""Values that a session knows to be secret: from its environment and from what clients send."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus

from .judging import is_known_worth, is_password
from .names import Secrecy, kind_of, secrecy
from .shapes import shaped

RULE = "known-value"
_AUTH_HEADERS = ("authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token")

Known = Mapping[str, str]
"""What a placeholder calls it, by value."""


def in_environment(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Values with a secret name or a secret shape, and what to call them."""
    for name, value in variables.items():
        if _is_secret(name, value):
            yield value, kind_of(name)


@lru_cache(maxsize=1024)  # every test looks at the same ones
def _is_secret(name: str, value: str) -> bool:
    return is_known_worth(value) and (
        secrecy(name) > Secrecy.PERHAPS
        or (secrecy(name) is Secrecy.PERHAPS and len(value) >= 16)
        or _is_shape(value)
    )


def in_headers(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Credentials of a request."""
    for name, value in headers:
        lower = name.lower()
        if lower in ("cookie", "set-cookie"):
            crumbs = value.split(";")[: 1 if lower == "set-cookie" else None]
            yield from _worth((crumb.partition("=")[2] for crumb in crumbs), "cookie")
        elif lower in _AUTH_HEADERS or secrecy(name) > Secrecy.PERHAPS:
            yield from _worth(_credentials(value), kind_of(lower))


def _worth(values: Iterable[str], kind: str) -> Iterator[tuple[str, str]]:
    for value in values:
        if is_known_worth(value.strip()):
            yield value.strip(), kind


def _credentials(header: str) -> Iterator[str]:
    """The credential behind its scheme; of `Basic`, user and password as well."""
    scheme, _, credential = header.strip().rpartition(" ")
    yield credential
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(credential).decode().partition(":")
        except ValueError:
            return
        yield password or user


def _is_shape(value: str) -> bool:
    return any(span.end - span.start > len(value) // 2 for span in shaped(value))


def forms(value: str) -> Iterator[str]:
    """The value as it is, and as JSON, URLs and base64 spell it."""
    yield value
    for ascii_only in (True, False):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1]
    yield json.dumps(json.dumps(value)[1:-1])[1:-1]
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield value.encode("unicode_escape").decode()
    data = value.encode("utf-8", "surrogatepass")
    yield data.hex()
    yield from _base64(data)


def _base64(data: bytes) -> Iterator[str]:
    """What stays the same wherever the value stands in a longer text that is encoded."""
    for offset in range(3):
        padded = b"\0" * offset + data
        end = len(padded) // 3 * 4
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(padded).decode()[:end]
            yield text[(0, 2, 3)[offset] :] if offset else text
        if not offset:
            yield base64.b64encode(data).decode()


def learnable(value: str) -> bool:
    """Whether a secret found by name or place should be replaced elsewhere, too."""
    has_digit = any(char.isdigit() for char in value)
    return len(value) >= 8 and has_digit and is_password(value) and not value.isdigit()
