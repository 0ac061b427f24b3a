"""Connections on which little or nonsense is said."""

from __future__ import annotations

import json
import socket
import time
from http.client import HTTPResponse

import httpx
import pytest

from pytest_opswald.server.guard import protocol
from tests.server.waiting import eventually

from .conftest import Serve


@pytest.fixture
def client(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    monkeypatch.setattr(protocol, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(protocol, "READING_SECONDS", 0.5)
    return serve(lambda app: app)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HT", id="half a line"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n", id="headers without end"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nX-A: b\r\n",
            id="a second request without end",
        ),
        pytest.param(
            b"GET /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n1",
            id="a body that nobody reads",
        ),
    ],
)
def test_a_connection_that_does_not_go_on_is_closed(client, monkeypatch, said) -> None:
    """However many an attacker opens, none is held for longer than headers may take."""
    with _connected(client) as connection:
        connection.sendall(said)

        _all(connection)

    monkeypatch.undo()  # a busy machine may take longer to ask
    assert client.get("/").status_code == 200


def test_a_connection_that_is_used_is_kept(client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests in time are answered on one connection, for longer than any of them may take."""
    monkeypatch.setattr(protocol, "PATIENCE_SECONDS", 1.0)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    until = time.monotonic() + 1.5
    with _connected(client) as connection:
        while time.monotonic() < until:
            connection.sendall(request)
            answer = HTTPResponse(connection)
            answer.begin()
            answer.read()
            assert answer.status == 200


def test_a_client_that_does_not_read_is_left(client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or he would keep his place for good, and the server what it wrote."""
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 1)

    def is_there_a_place() -> bool:
        try:
            return client.get("/").status_code == 200
        except httpx.TransportError:
            return False

    with _connected(client) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(1)
        assert not is_there_a_place()

        eventually(is_there_a_place, bool)


def test_what_is_no_http_is_answered_as_the_api_answers(client) -> None:
    """Even there: JSON in the envelope."""
    with _connected(client) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        head, _, body = _all(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["type"] == "validation_error"


def test_more_connections_than_allowed_are_closed(client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one goes, those before it stay."""
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 1)
    monkeypatch.setattr(protocol, "PATIENCE_SECONDS", 10)

    with _connected(client) as first, _connected(client) as second:
        assert _all(second) == b""
        first.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert first.recv(65536).startswith(b"HTTP/1.1 200")


def _connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=10)


def _all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))
