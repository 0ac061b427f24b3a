"""`/v1/replays`"""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from starlette.concurrency import run_in_threadpool

from pytest_opswald.api.pages import Paging
from pytest_opswald.api.replays import (
    Claim,
    ControlBody,
    RenewBody,
    Replay,
    ReplayBody,
    ReplayPage,
    ReplayResultBody,
    ReplayStarted,
    ReplaySteps,
)
from pytest_opswald.server.auth.dependencies import Reader, Replayer
from pytest_opswald.server.auth.principal import Principal
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.problems import invalid
from pytest_opswald.server.running import Running, Server
from pytest_opswald.server.storage import replays, traces
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.work.claiming import renewed
from pytest_opswald.server.work.controlling import control
from pytest_opswald.server.work.cursor import cursor_of
from pytest_opswald.server.work.recorded import Recorded, recorded
from pytest_opswald.server.work.starting import begin_replay, start_of
from pytest_opswald.server.work.stepping import steps_of
from pytest_opswald.server.work.uploads import finished

from .answers import answer
from .bodies import JsonBody
from .identifiers import ReplayId

router = APIRouter(prefix="/replays", tags=["Replays"])
PATIENCE_SECONDS = 3.0
"""How long an answer waits for a step or a jump to be done."""
_LOOK_SECONDS = 0.01, 0.25


@router.post("", response_model=ReplayStarted, status_code=201, openapi_extra=takes(ReplayBody))
def start_replay(
    server: Server, principal: Replayer, body: Annotated[ReplayBody, Depends(JsonBody(ReplayBody))]
) -> Response:
    """Replay a trace: as it was, or with something changed."""
    if body.start_paused and body.mode == "batch":
        raise invalid(
            "Nobody could ever play it", field="start_paused", expected="mode interactive"
        )
    found = _recorded(server, principal, body)
    start_of(body).check(found.trace, server.settings)
    with server.database.writing() as connection:
        replay_id = begin_replay(connection, principal.project, body, found)
        row = replays.row_of(connection, principal.project, replay_id)
    told = replays.shown(row, server.settings.url)
    return answer(ReplayStarted.model_validate(told.model_dump()), 201)


@router.get("", response_model=ReplayPage)
def list_replays(server: Server, principal: Reader, query: Annotated[Paging, Query()]) -> Response:
    """Replays, newest first."""
    with server.database.reading() as connection:
        return answer(
            replays.listed(connection, principal.project, window(query), server.settings.url)
        )


@router.get("/{replay_id}", response_model=Replay)
def get_replay(server: Server, principal: Reader, replay_id: ReplayId) -> Response:
    """How far a replay is, and what it came to."""
    row = _row(server, principal, replay_id)
    return answer(replays.shown(row, server.settings.url))


@router.get("/{replay_id}/steps", response_model=ReplaySteps)
def get_replay_steps(server: Server, principal: Reader, replay_id: ReplayId) -> Response:
    """Each recorded step, and what it was in the replay as far as that is."""
    with server.database.reading() as connection:
        row = replays.row_of(connection, principal.project, replay_id)
        pairs = steps_of(connection, principal.project, row)
    return answer(ReplaySteps(replay_id=replay_id, steps=tuple(pairs)))


@router.post("/{replay_id}/control", response_model=Replay, openapi_extra=takes(ControlBody))
async def control_replay(
    server: Server,
    principal: Replayer,
    replay_id: ReplayId,
    body: Annotated[ControlBody, Depends(JsonBody(ControlBody))],
) -> Response:
    """Play, pause, step, jump or stop; the answer waits a little for steps and jumps."""
    row = await run_in_threadpool(_controlled, server, principal, replay_id, body)
    until = time.monotonic() + PATIENCE_SECONDS
    pause, most = _LOOK_SECONDS
    while _is_awaited(row) and time.monotonic() < until:
        await asyncio.sleep(pause)
        pause = min(pause * 2, most)
        row = await run_in_threadpool(_row, server, principal, replay_id)
    return answer(replays.shown(row, server.settings.url))


@router.post("/{replay_id}/result", response_model=Replay, openapi_extra=takes(ReplayResultBody))
def upload_result(
    server: Server,
    principal: Replayer,
    replay_id: ReplayId,
    body: Annotated[ReplayResultBody, Depends(JsonBody(ReplayResultBody))],
) -> Response:
    """What a replay came to that a runner has made; the same again changes nothing."""
    with server.database.writing() as connection:
        row = finished(connection, principal.project, replay_id, body)
    return answer(replays.shown(row, server.settings.url))


@router.post("/{replay_id}/renew", response_model=Claim, openapi_extra=takes(RenewBody))
def renew_claim(
    server: Server,
    principal: Replayer,
    replay_id: ReplayId,
    body: Annotated[RenewBody, Depends(JsonBody(RenewBody))],
) -> Response:
    """The runner that has claimed a replay is still at work on it."""
    with server.database.writing() as connection:
        claim = renewed(
            connection, principal.project, replay_id, body.claim_id, server.settings.url
        )
    return answer(claim)


def _recorded(server: Running, principal: Principal, body: ReplayBody) -> Recorded:
    with server.database.reading() as connection:
        trace_id = body.trace_id or traces.latest_of(
            connection, principal.project, body.session_id or ""
        )
        return recorded(connection, principal.project, trace_id)


def _controlled(server: Running, principal: Principal, replay_id: str, body: ControlBody) -> Any:
    with server.database.writing() as connection:
        return control(connection, principal.project, replay_id, body)


def _row(server: Running, principal: Principal, replay_id: str) -> Any:
    with server.database.reading() as connection:
        return replays.row_of(connection, principal.project, replay_id)


def _is_awaited(row: object) -> bool:
    """Whether a step or a jump has been asked for that is not done yet."""
    cursor = cursor_of(row)
    return cursor.goal > cursor.current and not cursor.is_over
