"""Errors the API answers, and what makes every other error one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from pytest_opswald.api.problems import STATUS, ErrorType, Problem, ProblemBody, field_of

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LONGEST_FIELD = 200
"""Its parts may be keys that a client made up."""


class ApiProblem(Exception):
    """Raised anywhere below a route, answered as `{"error": {"type", "message", "details"?}}`."""

    def __init__(
        self,
        error: ErrorType,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.problem = Problem(type=error, message=message, details=details)
        self.status = status or STATUS[error]
        self.headers = headers


def invalid(message: str, *, field: str, expected: str, status: int = 400) -> ApiProblem:
    """The request makes no sense: which field, and what was expected there."""
    details = {"field": field, "expected": expected}
    return ApiProblem("validation_error", message, details=details, status=status)


def not_found(what: str, identifier: str) -> ApiProblem:
    """`No trace trace_abc123`: there is none, or it belongs to another project."""
    return ApiProblem("not_found", f"No {what} {identifier}")


def answered(problem: ApiProblem) -> Response:
    """The problem as an HTTP response."""
    # Its frames hold the body of the request, and one that came from a thread itself in a circle.
    problem.__traceback__ = None
    return Response(
        ProblemBody(error=problem.problem).model_dump_json(),
        problem.status,
        headers=problem.headers,
        media_type="application/json",
    )


def install(app: FastAPI) -> None:
    """Answer every error in the one envelope."""

    async def answer(request: Request, error: Exception) -> Response:
        return answered(_said(request, error))

    for kind in (ApiProblem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)


def unreadable(errors: Sequence[Any], *, within: str | None = None) -> ApiProblem:
    """The first of pydantic's errors, as the API says it; `within` is where the document stands."""
    error = errors[0]
    field = _field((*([within] if within else []), *error["loc"]))
    if form := error.get("ctx", {}).get("form"):
        return invalid(f"Invalid {field} format", field=field, expected=form)
    expected = error["msg"].removeprefix("Value error, ")
    return invalid(f"Invalid {field}: {expected}", field=field, expected=expected)


def _field(place: Sequence[str | int]) -> str:
    inside = place[1:] if place and place[0] in {"query", "path"} else place
    return field_of(inside)[:_LONGEST_FIELD] or "body"


def _said(request: Request, error: Exception) -> ApiProblem:
    match error:
        case ApiProblem():
            return error
        case RequestValidationError():
            return unreadable(error.errors())
        case HTTPException():
            return _of_framework(request, error)
    raise error


def _of_framework(request: Request, error: HTTPException) -> ApiProblem:
    if error.status_code == 404:
        return ApiProblem("not_found", f"No such path: {request.url.path}")
    if error.status_code == 405:
        return ApiProblem(
            "validation_error",
            f"{request.method} is not allowed here",
            status=405,
            headers={"Allow": ", ".join(_allowed(request))},
        )
    return ApiProblem(
        "validation_error", error.detail, status=error.status_code, headers=error.headers
    )


def _allowed(request: Request) -> Iterator[str]:
    """Methods of all routes at this path; the framework names those of one."""
    for method in _METHODS:
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            yield method
