"""`/v1/events`"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from pytest_opswald.api.events import Event, EventAccepted, EventBody
from pytest_opswald.server.auth.dependencies import Reader, Writer
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import events
from pytest_opswald.server.storage.event_rows import prepared

from .answers import answer
from .bodies import JsonBody, worked_up
from .identifiers import EventId

router = APIRouter(prefix="/events", tags=["Events"])


@router.post(
    "",
    response_model=EventAccepted,
    status_code=201,
    responses={200: {"model": EventAccepted, "description": "It was there before"}},
    openapi_extra=takes(EventBody),
)
async def create_event(
    request: Request,
    server: Server,
    principal: Writer,
    body: Annotated[EventBody, Depends(JsonBody(EventBody))],
) -> Response:
    """Add a step to the session's running trace; with an `event_id` it may be sent again."""
    new = await worked_up(request, prepared, principal.project, body)
    said, is_new = await server.database.written(
        lambda connection: events.accepted(connection, principal.project, new)
    )
    return answer(said, 201 if is_new else 200)


@router.get("/{event_id:path}", response_model=Event)
def get_event(server: Server, principal: Reader, event_id: EventId) -> Response:
    """An event as it was sent, and the step it became."""
    with server.database.reading() as connection:
        event = events.read(connection, principal.project, event_id)
    return answer(event)
