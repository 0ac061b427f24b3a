"""Whatever stands where a golden should is read or refused: at once, in words, in little memory."""

from __future__ import annotations

import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_opswald.errors import GoldenError
from pytest_opswald.store import files
from pytest_opswald.wire import records
from tests.language import Project
from tests.reliability.bad_files import CONTENTS, FINE, PLACES, TEXT, plant

SECONDS = 1
BYTES = 200 * 2**20
LOADED = records  # imported here, so that no child pays for it


def confined(action: Callable[[], str], *, files: int = 1) -> str:
    """What an action says in a process of its own that may use a second for each file, and 200 MB."""
    seconds = files * SECONDS
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, size + BYTES))
        try:
            said = action()
        except BaseException as error:
            said = f"{type(error).__module__}.{type(error).__name__}: {error}"
        os.write(write, said.encode("utf-8", "replace")[:60_000])
        os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as pipe:  # noqa: PTH123  # a descriptor, not a path
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"killed: status {status}"
    return said


def told(path: Path) -> str:
    """`fine`, or the error of reading a file."""
    try:
        files.load(path)
    except GoldenError as error:
        return f"GoldenError {error}"
    return "fine"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "goldens" / "test_refund.json"


BAD = [*CONTENTS, *PLACES]
needs_fork = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="needs Linux to confine a process"
)


@needs_fork
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words(path: Path, name: str) -> None:
    """One typed error with path, line and column, what is wrong and what to do; no code is run."""
    plant(path, name)

    said = confined(lambda: told(path))

    assert re.match(rf"GoldenError {re.escape(str(path))}:\d+:\d+: \S.*\n\S", said), said
    assert not (path.parent.parent / "code-was-run").exists()


@needs_fork
@pytest.mark.parametrize("name", FINE)
def test_what_editors_and_strangers_do_is_read(path: Path, name: str) -> None:
    """Odd, but a golden."""
    plant(path, name)

    assert confined(lambda: told(path)) == "fine"


@needs_fork
def test_a_golden_cut_off_anywhere_is_refused(path: Path) -> None:
    """At every seventh byte, within characters too."""
    whole = TEXT.encode()
    path.parent.mkdir()
    ends = range(0, len(whole) - 1, 7)

    def cut() -> str:
        said = set()
        for end in ends:
            path.write_bytes(whole[:end])
            said.add(told(path).split()[0])
        return ", ".join(said)

    assert confined(cut, files=len(ends)) == "GoldenError"


CONFINED = f"""
import pathlib, resource

def pytest_sessionstart():
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + {BYTES}
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (used + {len(BAD) * SECONDS},) * 2)
"""


@needs_fork
def test_pytest_reports_each_bad_file_as_a_plain_error(project: Project) -> None:
    """No INTERNALERROR, no traceback of ours: the file, what is wrong, what to do.

    Within 200 MB, what pytest and we import included, and a second of CPU for each file.
    """
    tests = "\n".join(f"def test_{n}(opswald): ..." for n, _ in enumerate(BAD))
    project(test=tests, conftest=CONFINED)
    for number, name in enumerate(BAD):
        plant(project.path / "goldens" / f"test_it.test_{number}.json", name)

    run = project.run("--opswald-replay")

    assert run.outcomes == {"errors": len(BAD)}
    for unwanted in ("INTERNALERROR", "Traceback", "exception", "pytest_opswald/"):
        assert unwanted not in run.report
    explained = run.report.partition("short test summary")[0]
    for number, name in enumerate(BAD):
        assert explained.count(f"goldens/test_it.test_{number}.json:") == 1, name
