"""The links that answers hold lead to the documents behind them, until there are pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

from pytest_opswald.server.running import Server

router = APIRouter(include_in_schema=False)


@router.get("/replays/{id}")
@router.get("/golden-tests/{id}")
@router.get("/golden-tests/runs/{id}")
def document(server: Server, request: Request) -> RedirectResponse:
    before = urlsplit(server.settings.url).path  # of a proxy
    return RedirectResponse(f"{before}/v1{request.url.path}")
