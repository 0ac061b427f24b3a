"""The one place where no key is needed: this machine, asked by its own name."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_opswald.exchange import is_loopback

_PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether Host names this machine and nobody passed the request on.

    A web page that resolves its own name to 127.0.0.1 still says its own name.
    """
    if any(name in _PASSED_ON or name.startswith("x-forwarded-") for name in headers):
        return False
    return is_loopback(_without_port(headers.get("host", "")))


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
