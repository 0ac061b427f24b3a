"""Golden files under fire: killed writers, many writers, and tests that do not pass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.store import atomic, files
from pytest_opswald.store.paths import golden_path
from pytest_opswald.trace.golden import Golden
from tests.reliability.killed_writers import OLD, child, golden, was_killed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "goldens" / "test_x.json"
    files.save(path, OLD)
    return path


def leftovers(path: Path) -> list[Path]:
    return [found for found in path.parent.iterdir() if found != path]


def kill_writers(path: Path, at: str) -> None:
    """Raises AssertionError with what `killed_writers` says when a golden was not whole."""
    command = [sys.executable, "-m", "tests.reliability.killed_writers", at, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_writer_killed_at_any_moment_leaves_a_whole_golden(path: Path) -> None:
    """Old or new after each of 200 kills; what the killed left is gone with the next save."""
    kill_writers(path, at="moment")

    files.save(path, golden("last"))
    assert leftovers(path) == []


def test_a_writer_killed_at_any_step_of_the_write_leaves_a_whole_golden(path: Path) -> None:
    """At every call that the write makes, one after the other, until it makes no more."""
    kill_writers(path, at="step")

    assert leftovers(path) == []


def test_nothing_is_lost_to_writers_at_the_same_time(path: Path) -> None:
    """Four processes merge ten times each while a fifth is killed with the lock in its hand."""

    def tagged(tag: str) -> Callable[[Golden | None], Redacted]:
        return lambda old: golden("old", *(old.tags if old else ()), tag)

    def merge_ten(number: int) -> None:
        for turn in range(10):
            files.update(path, tagged(f"{number}.{turn}"))

    def hold_the_lock(told: int) -> None:
        with atomic.locked(path):
            os.write(told, b"held")
            time.sleep(600)

    heard, told = os.pipe()
    holder = child(lambda: hold_the_lock(told))
    assert os.read(heard, 4) == b"held"
    writers = [child(lambda number=number: merge_ten(number)) for number in range(4)]  # type: ignore[misc]
    os.kill(holder, signal.SIGKILL)

    assert was_killed(holder)
    assert {writer: was_killed(writer) for writer in writers} == dict.fromkeys(writers, False)
    assert sorted(files.load(path).tags) == sorted(f"{n}.{t}" for n in range(4) for t in range(10))


@given(test=st.text(min_size=1, max_size=300), module=st.text(min_size=1, max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_name_leads_out_of_the_folder_of_goldens(test: str, module: str) -> None:
    """Whatever a test is called, its golden lies beside its file, under a portable name."""
    here = Path("/project/tests")

    path = golden_path(here / "test_it.py", f"{module}::{test}")

    assert path.parent == here / "goldens"
    assert Path(os.path.normpath(path)) == path
    assert len(path.name.encode()) <= 120
    assert path.name.isascii()
    assert not set(path.name) & set('<>:"/\\|?*\0\n ')
