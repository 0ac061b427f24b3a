"""What a route asks of whoever calls it: `principal: Reader`, `Writer`, `Replayer`, `Admin`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from pytest_opswald.server.problems import ApiProblem

from .principal import Principal, Scope


def _may(scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
    async def checked(request: Request) -> Principal:
        principal: Principal = request.state.caller  # others were not let in
        if scope in principal.scopes:
            return principal
        details = {"field": "Authorization", "expected": f"a key with scope {scope}"}
        raise ApiProblem("authorization_error", "Insufficient permissions", details=details)

    return checked


Reader = Annotated[Principal, Depends(_may("read"))]
may_write = _may("write")
Writer = Annotated[Principal, Depends(may_write)]
Replayer = Annotated[Principal, Depends(_may("replay"))]
Admin = Annotated[Principal, Depends(_may("admin"))]
