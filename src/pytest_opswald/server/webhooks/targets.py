"""URLs that webhooks may have. Names are looked at again, whenever something is sent to them."""

from __future__ import annotations

import httpx

from pytest_opswald.server.problems import ApiProblem, invalid
from pytest_opswald.server.settings import ServerSettings

from .addresses import Rule, public, public_or_loopback, public_or_private
from .network import literal

_FORM = "http:// or https://, a host and a path"


def rule_of(settings: ServerSettings) -> Rule:
    """Addresses that a server's users could not reach without it are out of reach."""
    if settings.webhook_allow_private:
        return public_or_private
    return public_or_loopback if settings.is_open else public


def check_url(url: str, rule: Rule) -> None:
    """Raises ApiProblem for what is no URL, and for addresses that may not be reached."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise _wrong(_FORM) from None
    if not parsed.host or "%" in parsed.host:  # what httpx quotes is no name
        raise _wrong(_FORM)
    if parsed.port is not None and not 0 < parsed.port < 2**16:
        raise _wrong("a port between 1 and 65535")
    if parsed.userinfo:
        raise _wrong("a URL without a user name; the signature says who sends it")
    address = literal(parsed.host)
    if address is not None and not rule(address):
        raise _wrong("an address on the internet, or a server with --webhook-allow-private")


def _wrong(expected: str) -> ApiProblem:
    return invalid("Invalid url", field="url", expected=expected)
