"""`/v1/golden-tests`"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter, ValidationError

from pytest_opswald.api.golden_tests import (
    Expected,
    GoldenTest,
    GoldenTestBody,
    GoldenTestChange,
    GoldenTestDeleted,
    GoldenTestPage,
    GoldenTestQuery,
)
from pytest_opswald.server.auth.dependencies import Reader, Writer
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.problems import unreadable
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import audit, expectations, golden_tests
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.work.recorded import Recorded, recorded
from pytest_opswald.trace.golden import suggested_outcome

from .answers import answer
from .bodies import JsonBody
from .identifiers import TestId

_EXPECTED = TypeAdapter[dict[str, Any]](Expected)
router = APIRouter(prefix="/golden-tests", tags=["Golden tests"])


@router.post("", response_model=GoldenTest, status_code=201, openapi_extra=takes(GoldenTestBody))
def create_golden_test(
    server: Server,
    principal: Writer,
    body: Annotated[GoldenTestBody, Depends(JsonBody(GoldenTestBody))],
) -> Response:
    """Make a golden test of a trace, which may be deleted from then on."""
    told = _recorded(server, principal, body.trace_id)
    fields = body.model_dump() | {"expected_outcome": _expected(body.expected_outcome, told)}
    with server.database.writing() as connection:
        test_id = golden_tests.created(connection, principal.project, fields, told.snapshot)
        return answer(_found(server, principal, connection, test_id), 201)


@router.get("", response_model=GoldenTestPage)
def list_golden_tests(
    server: Server, principal: Reader, query: Annotated[GoldenTestQuery, Query()]
) -> Response:
    """Golden tests, newest first."""
    with server.database.reading() as connection:
        return answer(
            golden_tests.listed(connection, principal.project, window(query), server.settings.url)
        )


@router.get("/{test_id}", response_model=GoldenTest)
def get_golden_test(server: Server, principal: Reader, test_id: TestId) -> Response:
    """A golden test."""
    with server.database.reading() as connection:
        return answer(_found(server, principal, connection, test_id))


@router.patch("/{test_id}", response_model=GoldenTest, openapi_extra=takes(GoldenTestChange))
def change_golden_test(
    server: Server,
    principal: Writer,
    test_id: TestId,
    body: Annotated[GoldenTestChange, Depends(JsonBody(GoldenTestChange))],
) -> Response:
    """Change what is given; another trace takes the place of the snapshot."""
    fields = _given(body)
    if "expected_outcome" in fields:
        expectations.read(fields["expected_outcome"])
    told = _recorded(server, principal, body.trace_id) if body.trace_id else None
    with server.database.writing() as connection:
        golden_tests.changed(
            connection, principal.project, test_id, fields, told.snapshot if told else None
        )
        return answer(_found(server, principal, connection, test_id))


@router.delete("/{test_id}", response_model=GoldenTestDeleted)
def delete_golden_test(server: Server, principal: Writer, test_id: TestId) -> Response:
    """Delete a golden test; its results stay in the runs that it took part in."""
    with server.database.writing() as connection:
        golden_tests.deleted(connection, principal.project, test_id)
        audit.noted(
            connection, principal.project.id, principal.name, "golden_test.deleted", test_id
        )
    return answer(GoldenTestDeleted(test_id=test_id))


def _recorded(server: Server, principal: Any, trace_id: str) -> Recorded:
    with server.database.reading() as connection:
        return recorded(connection, principal.project, trace_id)


def _expected(given: dict[str, Any] | None, told: Recorded) -> dict[str, Any]:
    """As it was given, if it makes sense; how the trace ended when nothing was."""
    if given is not None:
        expectations.read(given)
        return given
    suggested = expectations.suggested(suggested_outcome(told.trace))
    try:
        return _EXPECTED.validate_python(suggested)
    except ValidationError as error:
        raise unreadable(error.errors(), within="expected_outcome") from None


def _given(change: GoldenTestChange) -> dict[str, Any]:
    """The fields to change; only a description can be taken away."""
    said = change.model_dump(exclude_unset=True)
    return {key: value for key, value in said.items() if value is not None or key == "description"}


def _found(server: Server, principal: Any, connection: Any, test_id: str) -> GoldenTest:
    return golden_tests.found(connection, principal.project, test_id, server.settings.url)
