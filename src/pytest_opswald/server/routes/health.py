"""`/health`, for whoever sends requests here only while they are answered."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from pytest_opswald.server.running import Server

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(server: Server) -> dict[str, str]:
    """Needs no key; a database that does not answer is an error 500."""
    with server.database.reading() as connection:
        connection.execute(select(1))
    return {"status": "ok"}
