"""What comes back, as documents and as errors."""

from __future__ import annotations

import pickle

import pytest

from pytest_opswald import errors
from tests.client.conftest import Ask, StoppedClock
from tests.client.fault_server import FaultServer, Move, problem, says
from tests.client.test_retries import TRACE

TYPES = {
    401: ("authentication_error", errors.AuthenticationError),
    403: ("authorization_error", errors.AuthorizationError),
    400: ("validation_error", errors.ValidationError),
    404: ("not_found", errors.NotFound),
    429: ("rate_limit_exceeded", errors.RateLimitExceeded),
    500: ("server_error", errors.ServerError),
}


@pytest.mark.parametrize(
    ("status", "kind"), TYPES.items(), ids=[kind for kind, _ in TYPES.values()]
)
def test_each_type_is_an_exception(
    ask: Ask, clock: StoppedClock, status: int, kind: tuple[str, type[errors.ApiError]]
) -> None:
    """The six error types of the API are six exceptions with the same fields."""
    told, raised = kind
    body = {
        "error": {
            "type": told,
            "message": "Invalid trace_id format",
            "details": {"field": "trace_id", "expected": "UUID v4 format"},
        }
    }
    refusal = says(status, body, x_request_id="req_1")

    with FaultServer(refusal) as server, pytest.raises(raised) as caught:
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    error = caught.value
    assert (error.type, error.status, error.request_id) == (told, status, "req_1")
    assert error.message == "Invalid trace_id format"
    assert error.details == {"field": "trace_id", "expected": "UUID v4 format"}


def test_error_says_what_where_and_what_now() -> None:
    """An exception's text names the request, the field, and what to do."""
    error = errors.AuthenticationError(
        "Invalid API key", {"field": "key"}, status=401, asked="GET https://ops.example/v1/traces"
    )

    assert str(error).splitlines() == [
        "authentication_error: Invalid API key",
        "  field: key",
        "  (GET https://ops.example/v1/traces answered 401)",
        "Set OPSWALD_API_KEY to a key of this server, or give it to the client.",
    ]


def test_errors_travel_between_processes() -> None:
    """An exception comes out of a pickle as it went in."""
    error = errors.NotFound("no such trace", status=404, request_id="req_1", asked="GET /")

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error)
    assert again.request_id == "req_1"


STRANGE: dict[str, tuple[Move, type[Exception], str]] = {
    "HTML with 200": (
        says(200, b"<html><title>Sign in</title>", content_type="text/html"),
        errors.NoAnswer,
        "answered 200 with what is no JSON: text/html, '<html><title>Sign in",
    ),
    "truncated JSON": (says(200, b'{"id": "trace_1", "sess'), errors.NoAnswer, "no JSON"),
    "nothing": (says(200), errors.NoAnswer, "no JSON: nothing"),
    "another document": (
        says(200, TRACE | {"status": "unheard of"}),
        errors.NoAnswer,
        "another document than expected: status",
    ),
    "an unasked packing": (
        says(200, TRACE, content_encoding="br"),
        errors.NoAnswer,
        "packed as 'br', which was not asked for",
    ),
    "no gzip": (says(200, TRACE, content_encoding="gzip"), errors.NoAnswer, "cannot be unpacked"),
    "a path of somebody else": (
        says(404, b"<html>nginx</html>", content_type="text/html"),
        errors.NotFound,
        "Not Found: text/html, '<html>nginx",
    ),
    "a type nobody knows": (
        problem(409, "conflict_error", "in flight"),
        errors.ValidationError,
        "Conflict: ",
    ),
}


@pytest.mark.parametrize(("move", "raised", "told"), STRANGE.values(), ids=STRANGE)
def test_strange_answers_are_told(
    ask: Ask, clock: StoppedClock, move: Move, raised: type[Exception], told: str
) -> None:
    """What is no answer of the API says so in words, with its beginning, and is not retried."""
    with FaultServer(move) as server, pytest.raises(raised) as caught:
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert told in str(caught.value)
    assert len(server.requests) == 1
    assert caught.value.__context__ is None


def test_fields_of_a_later_server_are_ignored(ask: Ask, clock: StoppedClock) -> None:
    """A field that this release does not know breaks nothing."""
    with FaultServer(says(200, TRACE | {"mood": "fine"})) as server:
        trace = ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert trace.total_cost == 0.0245


def test_redirects_are_not_followed(ask: Ask, clock: StoppedClock) -> None:
    """Another origin never sees the key, nor does the same one by another way."""
    with FaultServer(says(200, TRACE)) as elsewhere:
        move = says(301, location=f"http://localhost:{elsewhere.port}/v1/traces/trace_1")
        with FaultServer(move) as server, pytest.raises(errors.NoAnswer, match="sends us on to"):
            ask(server, lambda client: client.traces.get("trace_1"), clock=clock, key="ops_1")

    assert elsewhere.requests == []
