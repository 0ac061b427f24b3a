"""URLs as a golden may show them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

_SECRET = re.compile(
    r"(?i)key|code|sig|token"
    r"|.*(api[-_]?key|(access|auth|id|refresh|security|session)[-_]?token|secret|password"
    r"|signature|credential).*"
)
_HIDDEN = "REDACTED"


@lru_cache  # a run asks few places, again and again
def public_url(url: str) -> str:
    """The URL without user, fragment, secret query values and, for this machine, the port."""
    parts = urlsplit(url)
    query = "&".join(map(_public, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, _public_host(parts.netloc), parts.path, query, ""))


def _public_host(netloc: str) -> str:
    without_user = netloc.rpartition("@")[2]
    host = urlsplit(f"//{without_user}").hostname or ""
    return "localhost" if _is_loopback(host) else without_user.lower()


def _is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _public(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}{equals}{_HIDDEN}" if equals and _SECRET.fullmatch(name) else pair
