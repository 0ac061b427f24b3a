"""What a route asks of whoever calls it: `principal: Reader`, `Writer`, `Replayer`, `Admin`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from pytest_opswald.server.problems import ApiProblem

from .identity import Caller
from .principal import Principal, Scope


def _may(scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
    async def checked(request: Request) -> Principal:
        principal = _authenticated(request)
        if scope in principal.scopes:
            return principal
        details = {"field": "Authorization", "expected": f"a key with scope {scope}"}
        raise ApiProblem("authorization_error", "Insufficient permissions", details=details)

    return checked


def _authenticated(request: Request) -> Principal:
    """Raises ApiProblem without a valid key, where one is needed."""
    caller: Caller = request.state.caller
    if isinstance(caller, ApiProblem):
        raise caller
    return caller


Reader = Annotated[Principal, Depends(_may("read"))]
Writer = Annotated[Principal, Depends(_may("write"))]
Replayer = Annotated[Principal, Depends(_may("replay"))]
Admin = Annotated[Principal, Depends(_may("admin"))]
