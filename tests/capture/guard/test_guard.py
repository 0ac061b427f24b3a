"""The guard is in force for a while, everywhere in the process, and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from pytest_opswald.capture.environment import DUMMY_KEY
from pytest_opswald.capture.guard import guarded
from pytest_opswald.capture.guard.children import GUARD, proxy_ports
from pytest_opswald.capture.guard.clients import _target
from pytest_opswald.errors import OpswaldError, RefusedConnection

Journal = list[str]


@pytest.fixture
def journal() -> Journal:
    return []


@pytest.fixture
def report(journal: Journal) -> Callable[[str, str], None]:
    return lambda host, message: journal.append(host)


def ask() -> None:
    socket.getaddrinfo("llm.test", 443)


def test_a_refusal_is_raised_and_reported(
    journal: Journal, report: Callable[[str, str], None]
) -> None:
    """It is no OSError, which clients would take for a broken connection and try again."""
    with guarded(report), pytest.raises(RefusedConnection, match=r"llm\.test:443") as refused:
        ask()

    assert journal == ["llm.test"]
    assert isinstance(refused.value, OpswaldError)
    assert isinstance(refused.value, RuntimeError)
    assert not isinstance(refused.value, OSError)


def test_another_thread_is_no_way_out(journal: Journal, report: Callable[[str, str], None]) -> None:
    """A thread that was there before is guarded like all others."""
    go, errors = threading.Event(), []

    def run() -> None:
        go.wait()
        try:
            ask()
        except RefusedConnection as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    with guarded(report):
        go.set()
        thread.join()

    assert journal == ["llm.test"]
    assert len(errors) == 1


def test_afterwards_nobody_is_asked(journal: Journal, report: Callable[[str, str], None]) -> None:
    """The audit hook stays, as it must, and does nothing."""
    with guarded(report):
        pass

    sys.audit("socket.getaddrinfo", "llm.test", 443, 0, 0, 0)

    assert journal == []


def test_a_guard_within_a_guard_reports_to_its_own(journal: Journal) -> None:
    """And the outer one is in force again afterwards."""
    inner: Journal = []

    with guarded(lambda host, message: journal.append(host)):
        with guarded(lambda host, message: inner.append(host)), pytest.raises(RefusedConnection):
            ask()
        with pytest.raises(RefusedConnection):
            ask()

    assert (inner, journal) == (["llm.test"], ["llm.test"])


def test_the_python_environment_stays_as_it_is(report: Callable[[str, str], None]) -> None:
    """A client that is built in a replay and kept may be used live afterwards."""
    before = dict(os.environ)

    with guarded(report):
        assert dict(os.environ) == before


def test_another_guard_may_refuse_all_sockets(
    monkeypatch: pytest.MonkeyPatch, journal: Journal, report: Callable[[str, str], None]
) -> None:
    """Plugins that forbid sockets altogether replace the class; a replay needs none of it."""

    def forbidden(*args: object, **options: object) -> None:
        raise RuntimeError("no sockets here")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    monkeypatch.setattr(socket, "socket", forbidden)

    with guarded(report), pytest.raises(RefusedConnection):
        ask()

    assert journal == ["llm.test"]


def printed(name: str, **options: object) -> str:
    code = f"import os; print(os.environ.get({name!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, **options
    )  # type: ignore[call-overload]
    return str(done.stdout.strip())


def test_children_get_no_key(
    monkeypatch: pytest.MonkeyPatch, report: Callable[[str, str], None]
) -> None:
    """Not even one that escapes can spend money; a key of the test's own making stays."""
    monkeypatch.setenv("OPENAI_API_KEY", "mine")

    with guarded(report):
        assert printed("OPENAI_API_KEY") == DUMMY_KEY
        assert printed("OPENAI_API_KEY", env=dict(os.environ)) == DUMMY_KEY
        assert printed("OPENAI_API_KEY", env={**os.environ, "OPENAI_API_KEY": "x"}) == "x"

    assert printed("OPENAI_API_KEY") == "mine"


def test_children_afterwards_know_nothing_of_us(
    monkeypatch: pytest.MonkeyPatch, report: Callable[[str, str], None]
) -> None:
    """The environment that they inherit is what `os.environ` says, also when that has changed."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    monkeypatch.delenv("https_proxy", raising=False)
    popen = subprocess.Popen.__init__

    with guarded(report):
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3129")

    assert printed("HTTP_PROXY") == "http://proxy.test:3129"
    assert printed("https_proxy") == printed(GUARD) == "None"
    assert subprocess.Popen.__init__ is popen


def test_a_child_has_its_own_sitecustomize(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, report: Callable[[str, str], None]
) -> None:
    """Ours comes first and lets the one that it hides follow."""
    (tmp_path / "sitecustomize.py").write_text("import os; os.environ['THEIRS'] = 'ran'")  # type: ignore[operator]
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with guarded(report):
        assert printed("THEIRS") == "ran"


def test_a_child_that_is_refused_reads_why(
    journal: Journal, report: Callable[[str, str], None]
) -> None:
    """A Python child is told as we are, and its refusal is reported here."""
    code = "import socket; socket.getaddrinfo('llm.test', 443)"

    with guarded(report):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    assert "opswald: llm.test:443 lies outside this machine" in done.stderr
    assert journal == ["llm.test"]


@pytest.mark.parametrize(
    ("variables", "ports"),
    [
        ({"HTTP_PROXY": "http://127.0.0.1:3128"}, {3128}),
        ({"https_proxy": "localhost:3128", "ALL_PROXY": "socks5://[::1]:1080"}, {3128, 1080}),
        ({"HTTP_PROXY": "http://proxy.corp:3128", "HTTPS_PROXY": ""}, set()),
    ],
)
def test_the_users_own_proxies_are_known(variables: dict[str, str], ports: set[int]) -> None:
    """Those on this machine: what is sent to others is refused anyway."""
    assert proxy_ports(variables) == ports


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("llm.test:443", ("llm.test", 443)),
        (b"dns:///llm.test:443", ("llm.test", 443)),
        ("dns:llm.test", ("llm.test", None)),
        ("dns://8.8.8.8/llm.test:443", ("llm.test", 443)),
        ("ipv4:10.0.0.1:443", ("10.0.0.1", 443)),
        ("ipv6:[::1]:443", ("::1", 443)),
        ("ipv6:%5B::1%5D:443", ("::1", 443)),
        ("unix:/run/llm.sock", None),
        ("unix:///run/llm.sock", None),
    ],
)
def test_a_channel_of_grpc_leads_to(target: str | bytes, place: object) -> None:
    """Targets are names of several kinds."""
    assert _target(target) == place
