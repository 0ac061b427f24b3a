"""URLs as a golden may show them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from pytest_opswald.exchange import is_loopback

_SECRET = re.compile(
    r"(?i)key|code|sig|token"
    r"|.*(api[-_]?key|(access|auth|id|refresh|security|session)[-_]?token|secret|password"
    r"|signature|credential).*"
)
_HIDDEN = "REDACTED"
_ALL = ("0.0.0.0", "::")
"""Addresses that servers listen to, and that lead to this machine."""


@lru_cache  # a run asks few places, again and again
def public_url(url: str) -> str:
    """The URL without user, fragment, secret query values and, for this machine, the port."""
    parts = urlsplit(url)
    query = "&".join(map(_public, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, _public_host(parts.netloc), parts.path, query, ""))


def _public_host(netloc: str) -> str:
    without_user = netloc.rpartition("@")[2]
    host = urlsplit(f"//{without_user}").hostname or ""
    return "localhost" if _is_meant_to_be_here(host) else without_user.lower()


def _is_meant_to_be_here(host: str) -> bool:
    """Whether a server on this machine is meant: nothing is risked where it is none."""
    return is_loopback(host) or host in _ALL or host.endswith(".localhost")


def _public(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}{equals}{_HIDDEN}" if equals and _SECRET.fullmatch(name) else pair
