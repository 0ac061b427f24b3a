"""What a request may carry."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import zlib

import httpx
import pytest

from pytest_opswald.server.guard.bodies import Bodies

from .conftest import Serve

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(serve: Serve) -> httpx.Client:
    return serve(lambda app: Bodies(app, most_bytes=2_000_000))


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        pytest.param(None, lambda plain: plain, id="plain"),
        pytest.param("identity", lambda plain: plain, id="said to be plain"),
        pytest.param("gzip", gzip.compress, id="gzip"),
        pytest.param("deflate", zlib.compress, id="deflate"),
        pytest.param("GZIP", gzip.compress, id="in capitals"),
    ],
)
def test_a_body_reaches_the_application_unpacked(client, encoding, packed) -> None:
    """However it was sent: the application reads JSON of the length that it is told."""
    plain = b'{"a": [1, "\xc3\xa9"]}'
    headers = JSON | ({"Content-Encoding": encoding} if encoding else {})

    told = client.post("/", content=packed(plain), headers=headers).json()

    assert told["json"] == {"a": [1, "é"]}
    assert told["headers"]["content-length"] == str(len(plain))
    assert "content-encoding" not in told["headers"]


def test_chunks_without_a_length_are_read(client) -> None:
    """`Transfer-Encoding: chunked`, as exporters send it."""
    told = client.post("/", content=iter([b'{"a"', b": 1}"]), headers=JSON).json()

    assert told["json"] == {"a": 1}


def _refused(answer: httpx.Response, status: int, field: str) -> None:
    problem = answer.json()["error"]
    assert answer.status_code == status
    assert problem["type"] == "validation_error"
    assert problem["details"]["field"] == field
    assert problem["message"]
    assert problem["details"]["expected"]


def _bomb(megabytes: int) -> bytes:
    return gzip.compress(b" " * (megabytes * 2**20))


@pytest.mark.parametrize(
    ("content", "headers", "status", "field"),
    [
        pytest.param(b" " * 2_000_001, JSON, 413, "body", id="too large"),
        pytest.param(iter([b" " * 2_000_000, b" "]), JSON, 413, "body", id="too large in chunks"),
        pytest.param(_bomb(11), JSON | {"Content-Encoding": "gzip"}, 413, "body", id="bomb"),
        pytest.param(
            b'{"a": 1}', JSON | {"Content-Encoding": "gzip"}, 400, "body", id="no gzip at all"
        ),
        pytest.param(
            gzip.compress(b"{}")[:-4], JSON | {"Content-Encoding": "gzip"}, 400, "body", id="cut"
        ),
        pytest.param(
            gzip.compress(b"{}") * 2, JSON | {"Content-Encoding": "gzip"}, 400, "body", id="twice"
        ),
        pytest.param(
            b"{}", JSON | {"Content-Encoding": "br"}, 415, "Content-Encoding", id="brotli"
        ),
        pytest.param(
            gzip.compress(gzip.compress(b"{}")),
            JSON | {"Content-Encoding": "gzip, gzip"},
            415,
            "Content-Encoding",
            id="gzip in gzip",
        ),
        pytest.param(b"[" * 65 + b"]" * 65, JSON, 400, "body", id="too deep"),
        pytest.param(
            gzip.compress(b"[" * 10**6), JSON | {"Content-Encoding": "gzip"}, 400, "body", id="deep"
        ),
        pytest.param(b"a=1", {}, 415, "Content-Type", id="no type"),
        pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, "Content-Type", id="text"),
    ],
)
def test_what_is_no_reasonable_body_is_refused(client, content, headers, status, field) -> None:
    """Each with its status, the field and what was expected; the server goes on."""
    _refused(client.post("/", content=content, headers=headers), status, field)

    assert client.post("/", json={}).status_code == 200


def test_events_are_small(client) -> None:
    """One event is at most 1 MiB, a whole trace may be more."""
    content = json.dumps("a" * 2**20).encode()

    _refused(client.post("/v1/events", content=content, headers=JSON), 413, "body")
    assert client.post("/v1/traces", content=content, headers=JSON).status_code == 200


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/ld+json"])
def test_json_may_say_more_of_itself(client, media_type) -> None:
    """Parameters and dialects of the type are read."""
    assert client.post("/", content=b"{}", headers={"Content-Type": media_type}).is_success


def test_nothing_at_all_needs_no_type(client) -> None:
    """A POST without a body is no wrong body."""
    assert client.post("/").json()["bytes"] == 0


def test_a_body_that_does_not_arrive_is_not_waited_for(serve: Serve) -> None:
    """Whoever sends byte by byte holds nothing up for long."""
    client = serve(lambda app: Bodies(app, most_bytes=100, patience_seconds=0.05))
    with _connected(client) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 10\r\n\r\n{"
        )
        answer = _all(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"validation_error"' in answer


def _connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=10)


def _all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_large_bodies_are_worked_on_one_at_a_time() -> None:
    """Small ones meanwhile, and the next large one as soon as the first is answered."""

    async def begun() -> list[tuple[str, ...]]:
        there, may_answer = [], asyncio.Event()
        went = []

        async def app(scope, receive, send):
            there.append(scope["path"])
            if scope["path"] != "/small":
                await may_answer.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        guarded = Bodies(app, most_bytes=2_000_000)
        first, second = (asyncio.create_task(sent_to(guarded, name, 2**18)) for name in "ab")
        while not there:
            await asyncio.sleep(0)
        await sent_to(guarded, "small", 10)
        went.append(tuple(there))
        may_answer.set()
        await asyncio.gather(first, second)
        return [*went, tuple(there)]

    assert asyncio.run(begun()) == [("/a", "/small"), ("/a", "/small", "/b")]


async def sent_to(app, name: str, size: int) -> None:
    """A text of that size."""
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": f"/{name}", "headers": headers}
    body = {"type": "http.request", "body": b'"' + b"x" * size + b'"'}

    async def receive():
        return body

    async def send(_):
        pass

    await app(scope, receive, send)
