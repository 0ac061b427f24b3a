"""What every answer carries."""

from __future__ import annotations

import logging

import pytest

from pytest_opswald.server.guard.failures import Failures
from pytest_opswald.server.guard.requests import Requests

from .conftest import Serve


def test_every_answer_has_an_id_and_safe_headers(serve: Serve) -> None:
    """No answer is sniffed, framed, cached or run as a page."""
    client = serve(Requests)

    one, two = client.get("/"), client.get("/")

    assert one.headers["X-Request-Id"] != two.headers["X-Request-Id"]
    assert one.headers["X-Content-Type-Options"] == "nosniff"
    assert one.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in one.headers["Content-Security-Policy"]


def test_a_failure_is_answered_and_logged_under_one_id(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns the id and nothing else; the log has the traceback."""
    answer = serve(lambda app: Requests(Failures(app))).get("/broken")

    assert answer.status_code == 500
    request_id = answer.headers["X-Request-Id"]
    assert answer.json()["error"]["type"] == "server_error"
    assert answer.json()["error"]["details"] == {"request_id": request_id}
    assert "secret detail" not in answer.text
    [logged] = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert request_id in logged.getMessage()
    assert "secret detail" in str(logged.exc_info)
