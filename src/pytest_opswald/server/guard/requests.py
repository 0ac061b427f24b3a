"""Gives every request an id, every answer safe headers, every unforeseen failure an answer."""

from __future__ import annotations

import logging
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What holds unless a route says otherwise."""
_LOG = logging.getLogger("pytest_opswald.server")


class Requests:
    """ASGI middleware; stands outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = f"req_{uuid4().hex}"
        begun = False

        async def send_marked(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _complete(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception:
            _LOG.exception("request %s failed", request_id)
            if begun:
                raise  # too late to say anything: the connection breaks off
            await answered(_failure(request_id))(scope, receive, send_marked)


def _complete(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in _SAFE.items():
        headers.setdefault(name, value)


def _failure(request_id: str) -> ApiProblem:
    return ApiProblem("server_error", "Internal server error", details={"request_id": request_id})
