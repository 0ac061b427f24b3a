"""The guard is for unmodified replays alone, and lets the user's own servers be reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_opswald.store import files
from pytest_opswald.store.paths import golden_path
from pytest_opswald.trace.golden import Golden
from tests.language import Project
from tests.reliability.outside import EVERYWHERE, Listener, address_outside, listening

TESTS = """
import os
import socket
import urllib.request
from contextlib import suppress

import pytest

HOST, PORTS = os.environ["OUTSIDE"], eval(os.environ["PORTS"])


def greet(name):
    with suppress(Exception):
        socket.create_connection((HOST, PORTS[name])).close()


def test_replayed(opswald):
    greet("replayed")


def test_of_somebody_else():
    greet("somebody else")


@pytest.mark.opswald(temperature=0)
def test_changed(opswald):
    greet("changed")


def test_proxied(opswald, monkeypatch):
    with suppress(Exception):
        urllib.request.urlopen("http://llm.test/", timeout=3).close()


def test_traced(opswald):
    with suppress(Exception):
        socket.getaddrinfo("api.smith.langchain.com", 443)
"""
NAMES = ("replayed", "somebody else", "changed", "proxy")


@pytest.fixture
def listener(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Listens for those tests; all but one of which have a golden."""
    outside = address_outside()
    project(test=TESTS)
    for name in ("replayed", "changed", "proxied", "traced"):
        test = f"test_it.py::test_{name}"
        path = golden_path(project.path / "test_it.py", test)
        files.save(path, Golden(name=path.stem, test=test))
    with listening((name, EVERYWHERE) for name in NAMES) as listener:
        monkeypatch.setenv("OUTSIDE", outside)
        monkeypatch.setenv("PORTS", repr(listener.ports))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.ports['proxy']}")
        monkeypatch.delenv("no_proxy", raising=False)
        yield listener


def test_only_unmodified_replays_are_guarded(project: Project, listener: Listener) -> None:
    """Other tests reach what they like, in the same process, and so do changed replays.

    A proxy on this machine is no way out either; tracing is refused without a word.
    """
    run = project.run("-v")

    assert set(listener.hits) == {"somebody else", "changed"}, run.report
    for name, verdict in (
        ("replayed", "FAILED"),
        ("of_somebody_else", "PASSED"),
        ("changed", "PASSED"),
        ("proxied", "FAILED"),
        ("traced", "PASSED"),
    ):
        run.result.stdout.fnmatch_lines(f"*::test_{name} {verdict}*")


def test_the_report_names_the_place_and_what_to_do(project: Project, listener: Listener) -> None:
    """Whom to declare or allow."""
    run = project.run("-k", "test_replayed")

    run.result.stdout.fnmatch_lines(
        [
            "first divergence: live call",
            f"*:{listener.ports['replayed']} lies outside this machine, and a replay stays inside",
            "*Declare the function that asked as a tool*",
            "*opswald_allow_hosts = *",
        ]
    )


def test_an_allowed_host_is_reached(
    project: Project, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database in a container of its own, for one."""
    network = f"{address_outside()}/32"

    run = project.run("-k", "test_replayed", "-o", f"opswald_allow_hosts={network}")

    assert run.outcomes["passed"] == 1, run.report
    assert set(listener.hits) == {"replayed"}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--opswald-record"], "--opswald-record"),
        (["--opswald-model", "gpt-5-mini"], "--opswald-model"),
        (["--opswald-fork-from-step", "2"], "--opswald-fork-from-step"),
    ],
)
def test_isolation_contradicts_what_goes_live(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str], named: str
) -> None:
    """Recordings and changed replays need the network."""
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.UsageError, match=f"--opswald-isolate lets nothing out, and {named}"):
        pytester.parseconfigure("--opswald-isolate", *options)


def test_isolation_contradicts_a_marker_that_goes_live(project: Project) -> None:
    """That test says so; the others run."""
    test = """
import pytest

@pytest.mark.opswald(model="gpt-5-mini")
def test_it(opswald): pass

def test_other(): pass
"""
    project(test=test)

    run = project.run("--opswald-isolate", "-n", "1")

    assert run.outcomes == {"passed": 1, "errors": 1}, run.report
    assert "--opswald-isolate lets nothing out" in run.report


def test_isolation_needs_a_command_line(pytester: pytest.Pytester) -> None:
    """A program that calls pytest.main() would be run twice."""
    result = pytester.runpytest_inprocess("--opswald-isolate")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "run pytest itself instead of calling pytest.main()" in result.stderr.str()
