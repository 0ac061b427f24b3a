"""The process of the server, with what it is compared to: `python -m benchmarks.server.app`."""

from __future__ import annotations

import socket
import sys

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool

from pytest_opswald.server.app import create_app
from pytest_opswald.server.guard.protocol import ImpatientProtocol
from pytest_opswald.server.settings import ServerSettings

from .process import CONSTANT, ROW


def main(db: str, listener: str) -> None:
    app = create_app(ServerSettings(db=db))
    router = APIRouter()
    router.add_api_route(CONSTANT, _constant, methods=["POST"])
    router.add_api_route(ROW, _row, methods=["POST"])
    app.include_router(router)
    # First, as events are among ours: they are not to wait for a long list of routes.
    app.router.routes.insert(0, app.router.routes.pop())
    config = uvicorn.Config(
        app, http=ImpatientProtocol, ws="none", access_log=False, log_level="warning"
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(listener))])


async def _constant() -> Response:
    return Response(b'{"processed":true}', 201, media_type="application/json")


async def _row(request: Request) -> Response:
    await run_in_threadpool(_keep, request.app, await request.body())
    return await _constant()


def _keep(app: FastAPI, body: bytes) -> None:
    with app.state.running.database.writing() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS rows_alone (body BLOB)"))
        connection.execute(text("INSERT INTO rows_alone VALUES (:body)"), {"body": body})


if __name__ == "__main__":
    main(*sys.argv[1:])
