"""A session beside a neighbour goes as it does without us, and our tests replay there."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from local_provider import Provider, Say
from pytest_opswald import record
from pytest_opswald.store import files
from pytest_opswald.store.paths import golden_path
from pytest_opswald.trace.golden import Golden
from tests.neighbours.suites import AGENT, HELLO, SUITES

PYTHON = Path(os.environ["OPSWALD_NEIGHBOURS"]).absolute()
PYTEST_8 = PYTHON.parents[1] / "pytest8"
"""pytest 8.4 alone: first on the path it takes the place of the one that is installed."""

HEADER = "import pytest\nfrom agent import ask, ask_async\n"
ALL = sorted(set(SUITES) - {"cassetter"})
"""Without the one that cannot be loaded beside pytest-recording."""


@dataclass(frozen=True)
class Session:
    """A pytest session that has ended."""

    code: int
    outcomes: dict[tuple[str, str], str]
    """passed, failed, error or skipped, by file and name of the test."""
    output: str

    def of(self, whose: str) -> dict[tuple[str, str], str]:
        return {test: how for test, how in self.outcomes.items() if test[1].startswith(whose)}


@pytest.fixture(scope="session")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """The golden of an agent that has asked once."""
    path = tmp_path_factory.mktemp("recorded") / "answered.json"
    with Provider(lambda ask: Say("Hello!")) as provider, record(path):
        httpx.post(f"{provider.url}/v1/chat/completions", json=HELLO)
    return files.load(path)


class Folder:
    """A project with the tests of some neighbours, and a golden for each of ours."""

    def __init__(self, path: Path, answered: Golden) -> None:
        self.path = path
        self._answered = answered
        (path / "agent.py").write_text(AGENT)
        (path / "pytest.ini").write_text("[pytest]\n")

    def add(self, neighbour: str) -> None:
        file = self.path / f"test_{neighbour}.py"
        file.write_text(HEADER + SUITES[neighbour].tests)
        for name in re.findall(r"def (test_ours\w*)", file.read_text()):
            test = f"{file.name}::{name}"
            path = golden_path(file, test)
            named = {"name": path.stem, "test": test}
            files.save(path, self._answered.model_copy(update=named))

    def run(self, *options: str, **variables: str) -> Session:
        report = self.path / "report.xml"
        done = subprocess.run(
            [str(PYTHON), "-m", "pytest", f"--junitxml={report}", *options],
            cwd=self.path,
            env={name: v for name, v in os.environ.items() if name not in OURS} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
        outcomes = {(case.get("classname", ""), case.get("name", "")): _how(case) for case in cases}
        return Session(done.returncode, outcomes, done.stdout)


OURS = ("PYTEST_ADDOPTS", "PYTHONPATH", "CI", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
"""Variables of the outer session."""


def _how(case: ElementTree.Element) -> str:
    ends = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
    return ends[0] if ends else "passed"


@pytest.fixture
def folder(tmp_path: Path, answered: Golden) -> Folder:
    return Folder(tmp_path, answered)


@pytest.mark.parametrize("neighbour", SUITES)
def test_a_neighbour(folder: Folder, neighbour: str) -> None:
    """Each alone with us."""
    folder.add(neighbour)
    suite = SUITES[neighbour]
    plugin = () if neighbour == "vcrpy" else ("-p", suite.plugin or neighbour)
    bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    without_us = folder.run(*plugin, *suite.options, "-k", "theirs", **bare)
    with_us = folder.run(*plugin, *suite.options, "-p", "opswald", **bare)

    _agree(with_us, without_us)


@pytest.mark.parametrize("pytest_8", [True, False], ids=["pytest 8", "pytest 9"])
def test_all_neighbours(folder: Folder, pytest_8: bool) -> None:
    """Loaded together, as they are installed, with both majors of pytest."""
    for neighbour in ALL:
        folder.add(neighbour)
    options = ["-p", "no:cassetter", *(o for name in ALL for o in SUITES[name].options)]
    variables = {"PYTHONPATH": str(PYTEST_8)} if pytest_8 else {}

    without_us = folder.run(*options, "-p", "no:opswald", "-k", "theirs", **variables)
    with_us = folder.run(*options, **variables)

    _agree(with_us, without_us)
    assert f"pytest-{8 if pytest_8 else 9}." in with_us.output


def _agree(with_us: Session, without_us: Session) -> None:
    """Theirs ended as they do by themselves, and ours passed."""
    assert with_us.of("test_theirs") == without_us.of("test_theirs") != {}, with_us.output
    assert set(with_us.of("test_ours").values()) == {"passed"}, with_us.output
    assert with_us.code == without_us.code == pytest.ExitCode.OK, with_us.output
    assert "pytest_opswald" not in with_us.output, "a warning of ours"
