"""`/v1/traces`"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pytest_opswald.api.traces import Trace, TraceBody, TraceDeleted, TracePage, TraceQuery
from pytest_opswald.server.auth.dependencies import Reader, Writer
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import audit, traces
from pytest_opswald.server.storage.cursors import window

from .answers import answer, streamed
from .bodies import JsonBody
from .identifiers import TraceId

router = APIRouter(prefix="/traces", tags=["Traces"])


@router.get("", response_model=TracePage)
def list_traces(
    server: Server, principal: Reader, query: Annotated[TraceQuery, Query()]
) -> Response:
    """Traces, newest first."""
    with server.database.reading() as connection:
        page = traces.listed(connection, principal.project, window(query))
    return answer(page)


@router.get("/{trace_id}", response_model=Trace)
def get_trace(server: Server, principal: Reader, trace_id: TraceId) -> Response:
    """A trace with all of its steps."""
    with server.database.reading() as connection:
        opened = traces.opened(connection, principal.project, trace_id)
    return streamed(opened.json())


@router.post(
    "",
    response_model=Trace,
    status_code=201,
    responses={200: {"model": Trace, "description": "Replaced"}},
    openapi_extra=takes(TraceBody),
)
def create_trace(
    server: Server, principal: Writer, body: Annotated[TraceBody, Depends(JsonBody(TraceBody))]
) -> Response:
    """Import a whole trace; one with the same id and session is replaced."""
    new = traces.prepared(principal.project, body)
    with server.database.writing() as connection:
        replaced = traces.imported(connection, principal.project, body, new)
    return streamed(new.opened(principal.project).json(), 200 if replaced else 201)


@router.delete("/{trace_id}", response_model=TraceDeleted)
def delete_trace(server: Server, principal: Writer, trace_id: TraceId) -> Response:
    """Delete a trace and everything it said."""
    with server.database.writing() as connection:
        traces.deleted(connection, principal.project, trace_id)
        audit.noted(connection, principal.project.id, principal.name, "trace.deleted", trace_id)
    return answer(TraceDeleted(trace_id=trace_id))
