"""Turns away who may not come in."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered

from .identity import Caller


class Admission:
    """ASGI middleware below `Identity`: without a key nothing of a body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1"):
            caller: Caller = scope["state"]["caller"]
            if isinstance(caller, ApiProblem):
                await answered(caller)(scope, receive, send)
                return
        await self._app(scope, receive, send)
