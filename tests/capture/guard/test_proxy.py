"""Who is sent to the proxy is told why, and reported."""

from __future__ import annotations

import socket
import threading

import pytest

from pytest_opswald.capture.guard.boundary import Place, spelled
from pytest_opswald.capture.guard.proxy import refusing_proxy, tell


def said_by(port: int, asked: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(asked)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b"")).decode()


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (b"CONNECT llm.test:443 HTTP/1.1\r\n", ("llm.test", 443)),
        (b"CONNECT [fd00::2]:443 HTTP/1.1\r\n", ("fd00::2", 443)),
        (b"GET http://llm.test/v1/models HTTP/1.1\r\nHost: llm.test\r\n\r\n", ("llm.test", 80)),
        (b"CONNECT what ctypes reaches HTTP/1.1\r\n", ("what ctypes reaches", None)),
        (b"POST http://me:secret@llm.test:8080/ HTTP/1.1\r\n", ("llm.test", 8080)),
    ],
)
def test_a_client_is_refused(asked: bytes, place: Place) -> None:
    """Whatever it asks for, it gets a 403 that says why."""
    reports: list[Place] = []

    with refusing_proxy(reports.append) as port:
        answer = said_by(port, asked)

    assert answer.startswith("HTTP/1.1 403 Forbidden")
    assert f"opswald: {spelled(place)} lies outside this machine" in answer
    assert reports == [place]


@pytest.mark.parametrize("noise", [b"", b"\x05\x01\x00", b"\x16\x03\x01\n", b"GET  HTTP\r\n"])
def test_noise_is_no_destination(noise: bytes) -> None:
    """A client that speaks something else is hung up on, and the next one is served."""
    reports: list[Place] = []

    with refusing_proxy(reports.append) as port:
        assert said_by(port, noise) == ""
        said_by(port, b"CONNECT llm.test:443 HTTP/1.1\r\n")

    assert reports == [("llm.test", 443)]


def test_who_came_before_the_end_is_reported() -> None:
    """Also those whom nobody has listened to yet."""
    reports: list[Place] = []

    with refusing_proxy(reports.append) as port:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for number, client in enumerate(clients):
            client.sendall(b"CONNECT llm.test:%d HTTP/1.1\r\n" % number)

    for client in clients:
        client.close()
    assert {port for _, port in reports} == {None, 1, 2, 3, 4}


def test_another_process_tells_its_destinations() -> None:
    """What a child was refused becomes part of the journal."""
    reports: list[Place] = []

    with refusing_proxy(reports.append) as port:
        tell(port, ("llm.test", 443))
        tell(port, ("fd00::2", None))

    assert reports == [("llm.test", 443), ("fd00::2", None)]


def test_telling_nobody_is_no_error() -> None:
    """A child may outlive the replay."""
    with refusing_proxy(lambda place: None) as port:
        pass

    tell(port, ("llm.test", 443))


def test_each_replay_hears_of_its_own() -> None:
    """A child that outlives one replay is not reported to the next; runs inside runs are told apart."""
    outer: list[Place] = []
    inner: list[Place] = []

    with refusing_proxy(outer.append) as over:
        pass
    with refusing_proxy(outer.append) as first, refusing_proxy(inner.append) as second:
        tell(over, ("late.test", 443))
        tell(second, ("inner.test", 443))
        tell(first, ("outer.test", 443))

    assert (outer, inner) == ([("outer.test", 443)], [("inner.test", 443)])


def test_nobody_is_left_behind_among_threads() -> None:
    """Whoever counts threads around a test counts those of the test."""
    before = threading.active_count()

    with refusing_proxy(lambda place: None) as port:
        tell(port, ("llm.test", 443))

        assert threading.active_count() == before
