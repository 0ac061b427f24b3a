"""`/v1/runner`: work for those who have the agents' code."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from pytest_opswald.api.replays import Claim, ClaimBody
from pytest_opswald.server.auth.dependencies import Replayer
from pytest_opswald.server.auth.principal import Principal
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.running import Running, Server
from pytest_opswald.server.work.claiming import claimed

from .answers import answer
from .bodies import JsonBody

router = APIRouter(prefix="/runner", tags=["Runner"])
_LOOK_SECONDS = 0.25


@router.post("/claim", response_model=Claim, openapi_extra=takes(ClaimBody, optional=True))
async def claim_replay(
    request: Request,
    server: Server,
    principal: Replayer,
    body: Annotated[ClaimBody, Depends(JsonBody(ClaimBody, optional=True))],
) -> Response:
    """A replay that waits for a runner, which then has it as long as it renews its claim."""
    until = time.monotonic() + body.wait
    while True:
        claim = await run_in_threadpool(_claimed, server, principal)
        if claim.replay is not None or time.monotonic() >= until:
            return answer(claim)
        await asyncio.sleep(_LOOK_SECONDS)
        if await request.is_disconnected():  # what he got now, nobody would make
            return answer(Claim(replay=None))


def _claimed(server: Running, principal: Principal) -> Claim:
    return claimed(server.database, principal.project, server.settings.url)
