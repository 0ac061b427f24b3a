"""Where the API is, and the key it is asked with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.exchange import is_loopback

HOSTED = "https://api.opswald.com/v1"


class Key:
    """A secret that is only ever shown to the server it is for.

    Neither its repr nor a pickle tells it, so no log, traceback or worker does.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | None) -> None:
        self._text = (text or "").strip()

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Key(**********)" if self else "Key()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled: make the client where it is used")

    @property
    def fits_a_header(self) -> bool:
        return self._text.isascii() and self._text.isprintable() and " " not in self._text

    def sign(self, request: Any) -> Any:
        """Put the key into a request of httpx, as late as can be."""
        if self:
            request.headers["Authorization"] = f"Bearer {self._text}"
        return request


@dataclass(frozen=True, slots=True)
class Access:
    """A server and the key for it."""

    base_url: str
    """Without a slash at its end."""
    key: Key
    is_local: bool
    """Whether it is on this machine: no proxy stands between, and plain http is safe."""

    @classmethod
    def to(cls, base_url: str | None, key: Key) -> Access:
        """Fill in what the environment says. Raises InvalidSetting.

        Key: the one given, else OPSWALD_API_KEY, else the keyring's for that URL. Base URL: the
        one given, else OPSWALD_BASE_URL, else the hosted service; `/v1` when it has no path.
        """
        url = _checked(base_url or os.environ.get("OPSWALD_BASE_URL") or HOSTED)
        there = f"{url.scheme}://{url.netloc}{url.path.rstrip('/') or '/v1'}"
        is_local = is_loopback(url.hostname or "")
        key = key or Key(os.environ.get("OPSWALD_API_KEY"))
        if not is_local:
            key = key or _from_keyring(there)
            _refuse_unsafe(url.scheme, there, key)
        if not key.fits_a_header:
            raise InvalidSetting("the API key holds characters that no key has; was it cut off?")
        return cls(there, key, is_local)


def _checked(text: str) -> SplitResult:
    try:
        url = urlsplit(text.strip())
        is_one = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise InvalidSetting(f"the base URL is none: write it as {HOSTED}")
    if url.query or url.fragment or "@" in url.netloc:
        raise InvalidSetting("the base URL takes no user, query or fragment: give the key apart")
    return url


def _refuse_unsafe(scheme: str, url: str, key: Key) -> None:
    if scheme != "https":
        raise InvalidSetting(
            f"{url}: a key is sent over https only, except to this machine. Put TLS before the "
            "server, or a tunnel: ssh -L 8787:localhost:8787 HOST"
        )
    if not key:
        raise InvalidSetting(
            f"no key for {url}: set OPSWALD_API_KEY, or\n"
            f"  pip install 'pytest-opswald[keyring]' && keyring set pytest-opswald {url}"
        )


def _from_keyring(url: str) -> Key:
    try:
        import keyring
    except ImportError:
        return Key(None)
    try:
        return Key(keyring.get_password("pytest-opswald", url))
    except keyring.errors.KeyringError:  # no keyring on this machine, or a locked one
        return Key(None)
