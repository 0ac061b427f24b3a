"""`/v1/sessions`"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pytest_opswald.api.sessions import Session, SessionEndBody, SessionPage, SessionQuery
from pytest_opswald.server.auth.dependencies import Reader, Writer
from pytest_opswald.server.database import units
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import session_lists
from pytest_opswald.server.storage.cursors import window

from .answers import answer
from .bodies import JsonBody
from .identifiers import SessionId

router = APIRouter(prefix="/sessions", tags=["Sessions"])


@router.get("", response_model=SessionPage)
def list_sessions(
    server: Server, principal: Reader, query: Annotated[SessionQuery, Query()]
) -> Response:
    """Sessions, latest activity first."""
    with server.database.reading() as connection:
        page = session_lists.listed(connection, principal.project, window(query), now=units.now())
    return answer(page)


@router.post(
    "/{session_id:path}/end",
    response_model=Session,
    openapi_extra=takes(SessionEndBody, optional=True),
)
def end_session(
    server: Server,
    principal: Writer,
    session_id: SessionId,
    _: Annotated[SessionEndBody, Depends(JsonBody(SessionEndBody, optional=True))],
) -> Response:
    """End a session and the traces that are still running; a second time changes nothing."""
    now = units.now()
    with server.database.writing() as connection:
        session_lists.ended(connection, principal.project, session_id, now=now)
        session = session_lists.opened(connection, principal.project, session_id, now=now)
    return answer(session)


# Ids are the client's own and may hold slashes, so this path is matched last.
@router.get("/{session_id:path}", response_model=Session)
def get_session(server: Server, principal: Reader, session_id: SessionId) -> Response:
    """A session with its traces."""
    with server.database.reading() as connection:
        session = session_lists.opened(connection, principal.project, session_id, now=units.now())
    return answer(session)
