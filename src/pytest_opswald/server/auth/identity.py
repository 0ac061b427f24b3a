"""Finds out who asks, before anything else is done for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.running import Running
from pytest_opswald.server.storage import keys

from .keys import digest, is_key
from .local import is_from_here
from .principal import EVERYTHING, Principal

REMEMBERED = 10**6
"""Microseconds for which a key that was looked up is not looked up again, even if it is revoked."""
_MOST = 1000

Caller = Principal | ApiProblem
"""Who asks; or why that is not known."""


class Identity:
    """ASGI middleware: leaves the caller in the state of the request."""

    def __init__(self, app: ASGIApp, *, now: Callable[[], int] = units.now) -> None:
        self._app = app
        self._now = now
        self._known: dict[bytes, tuple[Principal, int]] = {}
        self._used: set[str] = set()
        """Ids of keys whose use is not written down yet."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            server = cast(Running, scope["app"].state.running)
            scope.setdefault("state", {})["caller"] = await self._caller(server, scope)
        await self._app(scope, receive, send)
        if self._used:
            await self._note_use(scope["app"].state.running.database)

    async def _note_use(self, database: Database) -> None:
        """Behind the answer: a reader neither waits for writers nor fails with them."""
        used, self._used = self._used, set()
        with suppress(SQLAlchemyError):
            await database.written(lambda connection: keys.used(connection, used, self._now()))

    async def _caller(self, server: Running, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        authorization = headers.get("authorization")
        if authorization is not None:
            scheme, _, key = authorization.partition(" ")
            found = await self._opened(server, key.strip()) if scheme.lower() == "bearer" else None
            return found or _unknown("Invalid API key")
        if server.settings.is_open and is_from_here(headers):
            return Principal(server.project, EVERYTHING)
        return _unknown("This server wants an API key")

    async def _opened(self, server: Running, key: str) -> Principal | None:
        if not is_key(key):
            return None
        known = self._known.get(digest(key))
        if known and self._now() < known[1]:
            return known[0]
        return await run_in_threadpool(self._looked_up, server, digest(key), self._now())

    def _looked_up(self, server: Running, key: bytes, now: int) -> Principal | None:
        with server.database.reading() as connection:
            found = keys.opened(connection, key, now)
        if found is None:
            return None
        if found.use_is_old:
            self._used.add(found.key_id)
        scopes = frozenset(scope for scope in EVERYTHING if scope in found.scopes)
        principal = Principal(found.project, scopes, found.key_id)
        self._remember(key, principal, min(now + REMEMBERED, found.expires_at or now + REMEMBERED))
        return principal

    def _remember(self, key: bytes, principal: Principal, until: int) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = principal, until


def payer(scope: Scope) -> str:
    """Whose rate limit a request counts against: its project's, or that of an unknown address."""
    caller: Caller = scope["state"]["caller"]
    if isinstance(caller, Principal):
        return f"project {caller.project.id}"
    return f"address {scope['client'][0] if scope['client'] else ''}"


def _unknown(message: str) -> ApiProblem:
    details = {"field": "Authorization", "expected": "Bearer ops_..."}
    return ApiProblem(
        "authentication_error", message, details=details, headers={"WWW-Authenticate": "Bearer"}
    )
