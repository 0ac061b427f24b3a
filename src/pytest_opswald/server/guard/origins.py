"""Who may be talked to, and from where: names of this server, and pages of other sites."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered, invalid
from pytest_opswald.server.settings import ServerSettings

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins:
    """Refuses foreign names in `Host` (400) and what other sites' pages would change (403).

    A name that was bound to our address (DNS rebinding) is no name of ours; a browser says where
    a request comes from in `Sec-Fetch-Site`, an old one in `Origin`, other clients say neither.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None) -> None:
        """Any host when None."""
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (problem := self._problem(scope)):
            await answered(problem)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> ApiProblem | None:
        headers = Headers(scope=scope)
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            expected = " or ".join(sorted(self._hosts))
            return invalid("This server has another name", field="Host", expected=expected)
        if scope["method"] not in _SAFE and _is_cross_origin(headers):
            return ApiProblem("authorization_error", "Pages of other sites may change nothing here")
        return None


def hosts_of(settings: ServerSettings) -> frozenset[str] | None:
    """The names a server answers to; any when it is reached from outside by names unknown here."""
    named = urlsplit(settings.public_url).hostname if settings.public_url else None
    if not settings.is_local and named is None:
        return None
    return LOCAL | {settings.host.strip("[]"), *filter(None, [named])}


def host_name(said: str) -> str:
    """What `Host` names, without its port: `[::1]:8787` is `::1`."""
    try:
        return (urlsplit(f"//{said}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_cross_origin(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")
