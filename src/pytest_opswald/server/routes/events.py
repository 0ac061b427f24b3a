"""`/v1/events`"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pytest_opswald.api.events import Event, EventAccepted, EventBody
from pytest_opswald.server.auth.dependencies import Reader, may_write
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.running import Server, running
from pytest_opswald.server.storage import events
from pytest_opswald.server.storage.event_rows import prepared

from .answers import answer
from .bodies import JsonBody, worked_up
from .identifiers import EventId

router = APIRouter(prefix="/events", tags=["Events"])
_BODY = JsonBody(EventBody)


@router.post(
    "",
    response_model=EventAccepted,
    status_code=201,
    responses={200: {"model": EventAccepted, "description": "It was there before"}},
    openapi_extra=takes(EventBody),
)
async def create_event(request: Request) -> Response:
    """Add a step to the session's running trace; with an `event_id` it may be sent again."""
    # Asked for here: FastAPI takes longer to find parameters than all of this does.
    server, principal = await running(request), await may_write(request)
    body = await _BODY(request)
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
