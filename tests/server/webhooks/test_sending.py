"""One attempt to deliver, to a real server on a real socket."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest

from pytest_opswald.server.webhooks import addresses
from pytest_opswald.server.webhooks.network import resolved
from pytest_opswald.server.webhooks.sending import Sender

from .receiver import Receiver

HOSTILE = [
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://2130706433:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://0x7f.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[fc00::1]:{port}/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user:password@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}?@example.com/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:{port}/",
    "http://127\u30020\u30020\u30021:{port}/",
    "http://inside.example:{port}/",
    "http://half-inside.example:{port}/",
]
_NAMES = {
    "localhost.": ["127.0.0.1"],
    "inside.example": ["127.0.0.1"],
    "half-inside.example": ["93.184.215.14", "127.0.0.1"],
}


def _resolve(host: str, port: int) -> Sequence[str]:
    """Names of the tests; numbers as the system reads them, whatever their notation."""
    if host in _NAMES:
        return _NAMES[host]
    return resolved(host, port)


@pytest.mark.parametrize("url", HOSTILE)
def test_no_url_leads_into_private_networks(url: str, receiver: Receiver) -> None:
    """In whatever notation: it is no URL, no name, or the connection is not even tried."""
    attempt = Sender(addresses.public, resolve=_resolve).post(
        url.format(port=receiver.port), b"{}", {}
    )

    assert attempt.status is None
    assert re.search("which webhooks may not reach|no URL|no address", str(attempt.problem))
    assert receiver.received.empty()


def test_a_name_that_leads_elsewhere_a_moment_later_is_not_followed(receiver: Receiver) -> None:
    """DNS rebinding: what was looked at is what is connected to; the name is asked once."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    sender = Sender(addresses.public_or_loopback, resolve=lambda host, port: next(answers))

    attempt = sender.post(f"http://rebinding.example:{receiver.port}/hook", b"{}", {})

    assert attempt.ok
    assert receiver.next().headers["Host"] == f"rebinding.example:{receiver.port}"
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, receiver: Receiver) -> None:
    """An answer that sends us on is an answer that is not fine."""
    receiver.plan = [(status, {"Location": f"{receiver.url}/inside"}, b"")]

    attempt = Sender(addresses.public_or_loopback).post(receiver.url, b"{}", {})

    assert (attempt.status, attempt.ok) == (status, False)
    assert receiver.next().path == "/hook"
    assert receiver.received.empty()


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be told our secrets, and resolve names for us."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert Sender(addresses.public_or_loopback).post(receiver.url, b"{}", {}).ok


def test_what_was_sent_is_what_arrives(receiver: Receiver) -> None:
    """Bytes, headers, path and query."""
    body = '{"message": "é"}'.encode()

    Sender(addresses.public_or_loopback).post(
        f"{receiver.url}?a=b%20c", body, {"webhook-id": "msg_1"}
    )

    received = receiver.next()
    assert received.body == body
    assert received.path == "/hook?a=b%20c"
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["Content-Type"] == "application/json"


def test_the_beginning_of_the_answer_is_kept(receiver: Receiver) -> None:
    """One KiB of it, however long it goes on, and what it says about trying again."""
    receiver.plan = [(503, {"Retry-After": "120"}, b"x" * 100_000)]

    attempt = Sender(addresses.public_or_loopback).post(receiver.url, b"{}", {})

    assert attempt.answer == b"x" * 1024
    assert attempt.retry_after == "120"


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_whoever_does_not_finish_is_left(said: bytes) -> None:
    """Silent, or slow at the end: the time is for everything together."""
    with answering(lambda connection: connection.sendall(said)) as port:
        sender = Sender(addresses.public_or_loopback, seconds=0.2)
        attempt = sender.post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert attempt.problem == "no answer within 0.2 s"


def test_a_name_that_takes_too_long_is_left() -> None:
    """The time for everything is for the name, too."""
    asked, over = Event(), Event()

    def slowly(host: str, port: int) -> Sequence[str]:
        asked.set()
        over.wait(60)
        return ["127.0.0.1"]

    attempt = Sender(addresses.public, seconds=0.2, resolve=slowly).post(
        "http://slow.example/", b"{}", {}
    )
    over.set()

    assert asked.is_set()
    assert attempt.problem == "no answer within 0.2 s"


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
def test_nonsense_is_a_problem_not_an_error(said: bytes) -> None:
    """Whatever the other side says, what came of the attempt is told in words."""
    with answering(lambda connection: connection.sendall(said)) as port:
        attempt = Sender(addresses.public_or_loopback).post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert attempt.status is None
    assert attempt.problem


def test_a_closed_door_is_a_problem_not_an_error() -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    attempt = Sender(addresses.public_or_loopback).post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert "refused" in str(attempt.problem)


def test_tls_is_spoken_with_the_name_and_not_with_whom_nobody_vouches_for() -> None:
    """The connection goes to an address; SNI and certificate are those of the name."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda connection, name, _: names.append(name)

    with answering(lambda connection: _shake_hands(connection, context)) as port:
        sender = Sender(addresses.public_or_loopback, resolve=lambda host, port: ["127.0.0.1"])
        attempt = sender.post(f"https://hooks.example:{port}/", b"{}", {})

    assert names == ["hooks.example"]
    assert attempt.problem


def _shake_hands(connection: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        context.wrap_socket(connection, server_side=True)


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of someone who answers the first connection and then waits for it to be closed."""

    def listen(listening: socket.socket) -> None:
        with listening.accept()[0] as connection, suppress(OSError):
            answer(connection)
            while connection.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=listen, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)
