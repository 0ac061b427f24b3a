"""What lies outside this machine, and what does not."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.capture.guard.boundary import Boundary, Place, refusal, spelled

OUTSIDE = "198.51.100.7"


def sock(family: int = socket.AF_INET) -> Any:
    return SimpleNamespace(family=family)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", ""),
        *("localhost", "LOCALHOST", "localhost.", "shop.localhost", socket.gethostname()),
    ],
)
def test_this_machine_is_inside(host: str) -> None:
    """Every way to write loopback, and the machine's own name."""
    assert not Boundary().is_outside(host, 80)


@pytest.mark.parametrize(
    "host",
    [
        *(OUTSIDE, "10.0.0.1", "fe80::1%eth0", "::ffff:198.51.100.7", "255.255.255.255"),
        *("api.openai.com", "127.evil.com", "localhost.evil.com", "2130706433", "<broadcast>"),
    ],
)
def test_everything_else_is_outside(host: str) -> None:
    """Other machines, also near ones, and names that merely look local."""
    assert Boundary().is_outside(host, 80)


@pytest.mark.parametrize(
    ("allowed", "host", "outside"),
    [
        ("db", "db", False),
        ("db", "db2", True),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("10.0.0.5", "10.0.0.5", False),
        ("fd00::/8", "fd00::2", False),
        ("localhost", OUTSIDE, True),
    ],
)
def test_what_is_allowed_is_let_through(allowed: str, host: str, outside: bool) -> None:
    """Names, addresses and networks."""
    assert Boundary([allowed]).is_outside(host) is outside


def test_an_allowed_name_allows_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who connects has looked the name up before."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (OUTSIDE, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, port: found)

    assert not Boundary(["db"]).is_outside(OUTSIDE, 5432)


def test_a_proxy_on_loopback_leads_outside() -> None:
    """Whatever is said to it is passed on; other ports are the user's own."""
    boundary = Boundary(proxies=[3128])

    assert boundary.is_outside("127.0.0.1", 3128)
    assert boundary.is_outside("localhost", 3128)
    assert not boundary.is_outside("127.0.0.1", 3129)


def kept(peer: Any) -> Any:
    return SimpleNamespace(
        sock=SimpleNamespace(getpeername=lambda: peer), host="api.openai.com", port=443
    )


@pytest.mark.parametrize(
    ("event", "args", "place"),
    [
        ("socket.connect", (sock(), (OUTSIDE, 443)), (OUTSIDE, 443)),
        ("socket.connect", (sock(socket.AF_INET6), ("fd00::2", 443, 0, 0)), ("fd00::2", 443)),
        ("socket.connect", (sock(), ("127.0.0.1", 443)), None),
        ("socket.connect", (sock(socket.AF_UNIX), "/run/db.sock"), None),
        ("socket.connect", (sock(socket.AF_UNIX), b"\0abstract"), None),
        ("socket.sendto", (sock(), (OUTSIDE, 53)), (OUTSIDE, 53)),
        ("socket.sendmsg", (sock(), (OUTSIDE, 53)), (OUTSIDE, 53)),
        ("socket.sendmsg", (sock(), None), None),
        ("socket.getaddrinfo", ("llm.test", 443, 0, 0, 0), ("llm.test", 443)),
        ("socket.getaddrinfo", (b"llm.test", "https", 0, 0, 0), ("llm.test", None)),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0), None),
        ("socket.getaddrinfo", (OUTSIDE, 80, 0, 0, 0), None),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0), None),
        ("socket.gethostbyname", ("llm.test",), ("llm.test", None)),
        ("socket.gethostbyaddr", (OUTSIDE,), (OUTSIDE, None)),
        ("socket.getnameinfo", ((OUTSIDE, 80),), (OUTSIDE, None)),
        ("socket.getnameinfo", (("127.0.0.1", 80),), None),
        ("http.client.send", (kept((OUTSIDE, 443)), b""), (OUTSIDE, 443)),
        ("http.client.send", (kept(("127.0.0.1", 80)), b""), None),
        ("http.client.send", (kept("/run/docker.sock"), b""), None),
        (
            "http.client.send",
            (SimpleNamespace(sock=None, host="llm.test", port=80), b""),
            ("llm.test", 80),
        ),
        ("ctypes.dlsym", (0, "strlen"), None),
    ],
)
def test_an_audit_event_crosses(event: str, args: tuple[Any, ...], place: Place | None) -> None:
    """The place that an event reaches outside; an address needs no lookup, a file no network."""
    assert Boundary().crossing(event, args) == place


def test_ctypes_finds_no_way_to_connect() -> None:
    """Where it would lead cannot be seen."""
    place = Boundary().crossing("ctypes.dlsym", (0, "connect"))

    assert place
    assert "connect() of ctypes" in spelled(place)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (("llm.test", 443), "llm.test:443"),
        (("::2", 1), "[::2]:1"),
        (("llm.test", None), "llm.test"),
    ],
)
def test_a_place_is_spelled(place: Place, text: str) -> None:
    """As people write it."""
    assert spelled(place) == text


def test_a_refusal_says_what_to_do() -> None:
    """Declare a tool, or allow the host."""
    said = refusal(("db", 5432))

    assert said.startswith("db:5432 lies outside this machine")
    assert "Declare the function that asked as a tool" in said
    assert said.endswith("opswald_allow_hosts = db")
