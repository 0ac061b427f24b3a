"""An application that says what reached it, behind guards that a test chooses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.server.serving import served

Serve = Callable[[Callable[[ASGIApp], ASGIApp]], httpx.Client]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it got; `/broken` raises, `/unread` does not look at the body, `/large` is it."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/broken":
        raise RuntimeError("a secret detail")
    if scope["path"] == "/large":
        await Response(bytes(50_000_000))(scope, receive, send)
        return
    request = Request(scope, receive)
    content = b"" if scope["path"] == "/unread" else await request.body()
    told: dict[str, Any] = {"bytes": len(content), "headers": dict(request.headers)}
    if content and len(content) < 1000:
        told["json"] = json.loads(content)
    await JSONResponse(told)(scope, receive, send)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts the application behind a guard; a client of it."""
    with ExitStack() as until_done:

        def started(guard: Callable[[ASGIApp], ASGIApp]) -> httpx.Client:
            url = until_done.enter_context(served(guard(echo)))
            return until_done.enter_context(httpx.Client(base_url=url, trust_env=False))

        yield started
