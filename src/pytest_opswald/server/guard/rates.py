"""Rate limits, said on every answer of the API."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered

from .buckets import Allowance, Buckets


class Rates:
    """Refuses who asks too often (429), and tells everybody what is left."""

    def __init__(self, app: ASGIApp, *, buckets: Buckets, payer: Callable[[Scope], str]) -> None:
        """`payer` names the bucket a request is taken from."""
        self._app = app
        self._buckets = buckets
        self._payer = payer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1"):
            await self._app(scope, receive, send)
            return
        allowance = self._buckets.take(self._payer(scope))
        telling = _telling(send, allowance)
        if allowance.granted:
            await self._app(scope, receive, telling)
        else:
            await answered(_refusal(allowance))(scope, receive, telling)


def _telling(send: Send, allowance: Allowance) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-RateLimit-Limit"] = str(allowance.limit)
            headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            headers["X-RateLimit-Reset"] = str(allowance.full_at)
        await send(message)

    return tell


def _refusal(allowance: Allowance) -> ApiProblem:
    seconds = str(allowance.retry_after)
    return ApiProblem(
        "rate_limit_exceeded",
        f"More than {allowance.limit} requests a minute; try again in {seconds} s",
        headers={"Retry-After": seconds},
    )
