"""Every error has the one envelope, wherever it comes from."""

from __future__ import annotations

import httpx
import pytest

from pytest_opswald.server.storage import traces
from tests.server.test_traces import problem


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/traces", 405, "validation_error"),
        ("GET", "/traces/", 404, "not_found"),
    ],
)
def test_paths_and_methods_that_are_none(
    api: httpx.Client, method: str, path: str, status: int, kind: str
) -> None:
    """The framework's own answers never show."""
    assert problem(api.request(method, path), status)["type"] == kind


@pytest.mark.parametrize(
    ("path", "allowed"), [("/traces", "GET, POST"), ("/webhooks/wh_1", "GET, PATCH, DELETE")]
)
def test_what_is_allowed_instead_is_said(api: httpx.Client, path: str, allowed: str) -> None:
    """All of it, whatever route comes first."""
    assert api.put(path).headers["Allow"] == allowed


def test_a_parameter_that_nobody_reads_is_refused(api: httpx.Client) -> None:
    """Where a path has none at all, too."""
    assert problem(api.get("/traces/trace_a?limit=1"), 400)["details"]["field"] == "limit"


def test_a_number_without_end_is_refused(api: httpx.Client) -> None:
    """JSON has none, and nothing else is kept in its place."""
    headers = {"content-type": "application/json"}
    body = b'{"event_type": "custom", "session_id": "s", "data": {"n": -1e999}}'

    assert problem(api.post("/events", content=body, headers=headers), 400)


def test_a_failure_says_what_is_left_of_the_rate(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every answer of the API does."""

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(traces, "opened", broken)

    answer = api.get("/traces/trace_a")

    assert problem(answer, 500)["type"] == "server_error"
    assert answer.headers["X-RateLimit-Limit"] == "60000"


def test_another_content_type_is_refused(api: httpx.Client) -> None:
    """A form is no JSON."""
    assert problem(api.post("/traces", data={"a": "b"}), 415)["details"]["field"] == "Content-Type"


def test_a_body_too_large_is_refused(api: httpx.Client) -> None:
    """More than 10 MiB are not parsed."""
    body = b'{"name": "' + b"x" * 10 * 2**20 + b'"}'

    answer = api.post("/traces", content=body, headers={"content-type": "application/json"})

    assert problem(answer, 413)["type"] == "validation_error"


def test_a_wrong_key_is_refused(api: httpx.Client) -> None:
    """Even where none is needed."""
    answer = api.get("/traces", headers={"Authorization": "Bearer ops_wrong"})

    assert problem(answer, 401)["type"] == "authentication_error"


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"}, {"Via": "1.1 proxy"}],
    ids=str,
)
def test_no_key_is_needed_from_here_only(api: httpx.Client, headers: dict[str, str]) -> None:
    """Whoever is behind a proxy before this server is not here."""
    assert problem(api.get("/traces", headers=headers), 401)["type"] == "authentication_error"
