"""Sense made of what a server said: a document, or an error to raise."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pydantic

from pytest_opswald import errors
from pytest_opswald.api.problems import Problem, ProblemBody, field_of

from .calls import Call, Document
from .replies import Failure, Reply

_RAISED: dict[str, type[errors.ApiError]] = {
    each.type: each
    for each in (
        errors.AuthenticationError,
        errors.AuthorizationError,
        errors.ValidationError,
        errors.NotFound,
        errors.RateLimitExceeded,
        errors.ServerError,
    )
}
_TYPE_OF = {
    401: "authentication_error",
    403: "authorization_error",
    404: "not_found",
    429: "rate_limit_exceeded",
}
"""What an error is that does not say so itself."""


def read(call: Call[Document], came: Reply | Failure, base_url: str) -> Document:
    """The document. Raises ApiError, and NoAnswer for what is no answer of the API."""
    asked = f"{call.method} {base_url}{call.path}"
    if isinstance(came, Failure):
        raise errors.NoAnswer(f"{asked}: {came.message}")
    if 300 <= came.status < 400:
        raise errors.NoAnswer(_redirected(asked, came))
    if came.status >= 400:
        raise _problem(asked, came)
    try:
        return call.answer.model_validate_json(came.body)
    except pydantic.ValidationError as error:
        told = _not_understood(asked, came, error)
    raise errors.NoAnswer(told)  # apart, so that no body hangs on it


def _redirected(asked: str, came: Reply) -> str:
    there = came.headers.get("location", "nowhere")
    return (
        f"{asked}: the server sends us on to {there}\n"
        "The key stays here: if that is the right place, give it as the base URL."
    )


def _problem(asked: str, came: Reply) -> errors.ApiError:
    told = _told(came)
    return _RAISED[told.type](
        told.message,
        told.details,
        status=came.status,
        request_id=came.headers.get("x-request-id"),
        asked=asked,
    )


def _told(came: Reply) -> Problem:
    """The problem as the server tells it; by its status when something before it answered."""
    try:
        return ProblemBody.model_validate_json(came.body).error
    except pydantic.ValidationError:
        default = "server_error" if came.status >= 500 else "validation_error"
        said: dict[str, Any] = {"type": _TYPE_OF.get(came.status, default)}
        return Problem(message=f"{_phrase(came.status)}: {_beginning(came)}", **said)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"


def _not_understood(asked: str, came: Reply, error: pydantic.ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = field_of(first["loc"])
    if first["type"] == "json_invalid":
        return (
            f"{asked} answered {came.status} with what is no JSON: {_beginning(came)}\n"
            "Is that the base URL of an Opswald API?"
        )
    return f"{asked} answered with another document than expected: {where}: {first['msg']}"


def _beginning(came: Reply) -> str:
    """What a person needs to recognise it."""
    kind = came.headers.get("content-type", "no content type")
    text = " ".join(came.body[:400].decode("utf-8", "replace").split())
    return f"{kind}, {text[:80]!r}" if text else "nothing"
