"""The links that answers hold lead to the documents behind them, until there are pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

router = APIRouter(include_in_schema=False)


@router.get("/replays/{id}")
@router.get("/golden-tests/{id}")
@router.get("/golden-tests/runs/{id}")
def document(request: Request) -> RedirectResponse:
    return RedirectResponse(f"/v1{request.url.path}")
