"""One attempt to deliver: a POST, and what came of it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx

from .addresses import Rule
from .network import Resolve, VettedBackend, resolved

SECONDS = 15
"""For everything: name, connection, request, answer."""
KEPT_BYTES = 1024
_ALWAYS = {"Content-Type": "application/json", "User-Agent": "pytest-opswald"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it: an answer, or a problem."""

    milliseconds: int
    status: int | None = None
    answer: bytes = b""
    """Its first KiB."""
    retry_after: str | None = None
    problem: str | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Posts to URLs of others: no redirects, no proxies, nowhere that the rule does not allow."""

    def __init__(
        self, rule: Rule, *, seconds: float = SECONDS, resolve: Resolve = resolved
    ) -> None:
        self._rule = rule
        self._seconds = seconds
        self._resolve = resolve

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        """Never raises for what is wrong with the other side."""
        begun = time.monotonic()
        try:
            return self._answered(url, body, headers, begun)
        except (httpcore.TimeoutException, TimeoutError):
            problem = f"no answer within {self._seconds:g} s"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as e:
            problem = str(e) or type(e).__name__
        except (httpx.InvalidURL, UnicodeError) as e:
            problem = f"no URL: {e}"
        return Attempt(_since(begun), problem=problem)

    def _answered(self, url: str, body: bytes, headers: Mapping[str, str], begun: float) -> Attempt:
        request = httpx.Request("POST", url, headers={**_ALWAYS, **headers}, content=body)
        there = request.url
        target = httpcore.URL(
            scheme=there.raw_scheme, host=there.raw_host, port=there.port, target=there.raw_path
        )
        with (
            self._pool() as pool,
            pool.stream("POST", target, headers=request.headers.raw, content=body) as answer,
        ):
            kept = _first(answer)
        told = httpx.Headers(answer.headers).get("retry-after")
        return Attempt(_since(begun), answer.status, kept, told)

    def _pool(self) -> httpcore.ConnectionPool:
        backend = VettedBackend(self._rule, seconds=self._seconds, resolve=self._resolve)
        return httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=backend)


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes as long as a delivery."""
    return httpcore.default_ssl_context()


def _first(answer: httpcore.Response) -> bytes:
    kept = b""
    for chunk in answer.iter_stream():
        kept += chunk
        if len(kept) >= KEPT_BYTES:
            break
    return kept[:KEPT_BYTES]


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
