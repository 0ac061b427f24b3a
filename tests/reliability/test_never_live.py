"""Nothing leaves this machine while a run is replayed unmodified."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_opswald.store import files
from pytest_opswald.store.paths import golden_path
from pytest_opswald.trace.golden import Golden
from tests.language import Project, Run
from tests.reliability.escapes import ESCAPES, KEEPING
from tests.reliability.outside import (
    EVERYWHERE,
    LOOPBACK,
    Listener,
    address_outside,
    listening,
)

OUT_OF_REACH = {"bash", "isolated_child_python"}
"""Only --opswald-isolate stops these: nothing of ours, and no proxy variable, is asked there."""

CLOSED = {"ctypes", "lookup"}
"""Closed in a replay wherever they lead."""

OPEN = sorted(set(ESCAPES) - CLOSED)

TESTS = """
import contextlib
import json
import os

import pytest

from escapes import ESCAPES, KEEPING, close_sessions

HOST = os.environ["OUTSIDE"]
PORTS = json.loads(os.environ["PORTS"])


@pytest.fixture(scope="session", autouse=True)
def kept():
    for name, keep in KEEPING.items():
        for host, port in ((HOST, f"out {name}"), ("127.0.0.1", f"in {name}")):
            with contextlib.suppress(OSError):
                keep(host, PORTS[port])
    yield
    close_sessions()


@pytest.mark.parametrize("name", ESCAPES)
def test_out(name, opswald):
    with contextlib.suppress(Exception):
        ESCAPES[name](HOST, PORTS[f"out {name}"])


@pytest.mark.parametrize("name", [name for name in ESCAPES if f"in {name}" in PORTS])
def test_in(name, opswald):
    ESCAPES[name]("127.0.0.1", PORTS[f"in {name}"])
"""


@dataclass
class Escapes:
    """Tests that try every way out and swallow what they are told, each with a golden."""

    project: Project
    listener: Listener

    def run(self, *options: str) -> Run:
        return self.project.run("-v", "--tb=short", *options)

    @property
    def got_out(self) -> set[str]:
        """Ways that reached the listener outside."""
        return {n.removeprefix("out ") for n, hits in self.listener.hits.items() if hits} & set(
            ESCAPES
        )

    @property
    def reached(self) -> set[str]:
        """Ways that reached the server on loopback."""
        return {n.removeprefix("in ") for n in self.listener.hits if n.startswith("in ")}


@pytest.fixture
def escapes(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Escapes]:
    outside = address_outside()
    source = Path(__file__).with_name("escapes.py").read_text(encoding="utf-8")
    project(test=TESTS, escapes=source)
    for side, ways in (("out", list(ESCAPES)), ("in", OPEN)):
        for way in ways:
            test = f"test_it.py::test_{side}[{way}]"
            path = golden_path(project.path / "test_it.py", test)
            files.save(path, Golden(name=path.stem, test=test))
    # The resolver's own loopback: `lookup` tells there that it was asked.
    places = [(f"out {way}", EVERYWHERE) for way in ESCAPES]
    places += [(f"in {way}", LOOPBACK) for way in OPEN]
    with listening(places) as listener:
        monkeypatch.setenv("OUTSIDE", outside)
        monkeypatch.setenv("PORTS", json.dumps(listener.ports))
        monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1")
        yield Escapes(project, listener)


def failed(run: Run) -> set[str]:
    return set(re.findall(r"^test_it\.py::test_out\[(\w+)\] FAILED", run.report, re.MULTILINE))


def test_every_way_leads_out_when_nobody_watches(escapes: Escapes) -> None:
    """The oracle sees each of them: a recording lets everything through."""
    run = escapes.run("--opswald-record=all")

    assert escapes.got_out == set(ESCAPES), run.report


def test_a_replay_stops_what_leads_out_and_fails_the_test(escapes: Escapes) -> None:
    """Also where the agent swallows the refusal; and everything on loopback still works."""
    run = escapes.run("--opswald-replay")

    assert escapes.got_out == OUT_OF_REACH, run.report
    assert failed(run) == set(ESCAPES) - OUT_OF_REACH
    assert escapes.reached == set(OPEN), run.report
    assert run.outcomes["passed"] == len(OPEN) + len(OUT_OF_REACH)


def test_isolation_stops_every_way(escapes: Escapes) -> None:
    """No way is left where there is no network."""
    run = escapes.run("--opswald-isolate", "-k", "test_out")

    assert escapes.got_out == set(), run.report
    assert failed(run) == set(ESCAPES) - OUT_OF_REACH - set(KEEPING)  # nothing was there to keep
