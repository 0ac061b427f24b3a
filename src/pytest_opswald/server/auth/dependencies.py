"""What a route asks of whoever calls it: `principal: Reader`, `Writer`, `Replayer`, `Admin`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.running import Running, Server

from .keys import principal_of
from .local import is_from_here
from .principal import EVERYTHING, Principal, Scope


async def authenticated(request: Request, server: Server) -> Principal:
    """Raises ApiProblem without a valid key, where one is needed."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await run_in_threadpool(_by_key, server, authorization)
    if server.settings.is_local and is_from_here(request.headers):
        return Principal(server.project, EVERYTHING)
    raise _unknown("This server wants an API key")


def _by_key(server: Running, authorization: str) -> Principal:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise _unknown("Invalid API key")
    with server.database.reading() as connection:
        principal = principal_of(connection, key.strip())
    if principal is None:
        raise _unknown("Invalid API key")
    return principal


def _unknown(message: str) -> ApiProblem:
    details = {"field": "Authorization", "expected": "Bearer ops_..."}
    return ApiProblem(
        "authentication_error", message, details=details, headers={"WWW-Authenticate": "Bearer"}
    )


def _may(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    async def checked(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        if scope in principal.scopes:
            return principal
        details = {"field": "Authorization", "expected": f"a key with scope {scope}"}
        raise ApiProblem("authorization_error", "Insufficient permissions", details=details)

    return checked


Reader = Annotated[Principal, Depends(_may("read"))]
Writer = Annotated[Principal, Depends(_may("write"))]
Replayer = Annotated[Principal, Depends(_may("replay"))]
Admin = Annotated[Principal, Depends(_may("admin"))]
