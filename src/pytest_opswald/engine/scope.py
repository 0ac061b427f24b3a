"""Which HTTP requests belong to a run: LLM calls, and what would otherwise reach the internet."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pytest_opswald.wire.registry import format_for

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "testserver", "test"})
TELEMETRY_HOSTS = (".smith.langchain.com", ".sentry.io", ".logfire.dev", ".traceloop.com")
TELEMETRY_PATHS = ("/v1/traces/ingest", "/v1/traces", "/v1/metrics", "/v1/logs")
SDK_HEADERS = ("x-stainless-lang", "x-goog-api-client")
LLM_PATHS = (
    "/embeddings",
    "/moderations",
    "/count_tokens",
    "/images/",
    "/audio/",
    "/api/chat",
    "/api/generate",
    "/v2/chat",
    ":generatecontent",
    ":streamgeneratecontent",
    "/converse",
    "/converse-stream",
    "/invoke",
    "/rerank",
)


@lru_cache
def is_telemetry(method: str, url: str) -> bool:
    """Traffic of tracing SDKs: never part of a run, and never let out while replaying.

    What has such a path on this machine is the user's own server.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f".{host}".endswith(TELEMETRY_HOSTS) or (
        method == "POST" and parts.path.endswith(TELEMETRY_PATHS) and host not in LOOPBACK
    )


@lru_cache
def is_llm(method: str, url: str) -> bool:
    """Whether the request speaks a wire format that we read."""
    return format_for(method, urlsplit(url).path) is not None


class Scope:
    """What a run takes; it learns the origins that have served LLM calls.

    With `llm_only` nothing but LLM calls is taken: for tests that may have no run at all.
    """

    def __init__(self, *, llm_only: bool = False) -> None:
        self.llm_only = llm_only
        self._providers: set[str] = set()
        self._apart: tuple[str, ...] = ()

    def takes(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        """LLM calls always; other traffic unless it stays on this machine.

        A local server counts as the user's own unless it looks like a provider: an LLM path,
        an SDK's headers, or an origin that has served an LLM call.
        """
        parts = urlsplit(url)
        if is_llm(method, url):
            self._providers.add(parts.netloc)
            return True
        if self.llm_only or in_process or is_telemetry(method, url) or url.startswith(self._apart):
            return False
        if (parts.hostname or "") not in LOOPBACK:
            return True
        path = parts.path.lower()
        return (
            parts.netloc in self._providers
            or any(known in path for known in LLM_PATHS)
            or any(name in headers for name in SDK_HEADERS)
        )

    def leave(self, traffic: str) -> None:
        """Requests to URLs that begin so are somebody else's affair; an empty text names none."""
        if traffic:
            self._apart += (traffic,)
