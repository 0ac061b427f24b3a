"""Gives every unforeseen failure an answer, and the log its traceback."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered

_LOG = logging.getLogger("pytest_opswald.server")


class Failures:
    """ASGI middleware below `Requests`: the client learns the id of his request and no more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            request_id = scope["state"]["request_id"]
            _LOG.exception("request %s failed", request_id)
            if begun:
                raise  # too late to say anything: the connection breaks off
            await answered(_failure(request_id))(scope, receive, send)


def _failure(request_id: str) -> ApiProblem:
    return ApiProblem("server_error", "Internal server error", details={"request_id": request_id})
