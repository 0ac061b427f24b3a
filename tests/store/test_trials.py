"""Finished trials of an interrupted session."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from pytest_opswald.stats.trials import Trial
from pytest_opswald.store.trials import KEPT_SECONDS, FinishedTrials, Found, forget, loaded_sources

TRIAL = Trial("fail", "no facts", ("invariants[0]",), tokens=12, cost_usd=0.1, latency_ms=3.5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a golden and an agent."""
    (tmp_path / "golden.json").write_text("{}")
    (tmp_path / "agent.py").write_text("first = 1")
    return tmp_path


def trials(root: Path, *, test: str = "t.py::t", settings: str = "model=mini") -> FinishedTrials:
    return FinishedTrials(root, test=test, golden=root / "golden.json", settings=settings)


def test_trials_come_back_as_they_ended_and_in_order(root: Path) -> None:
    """Whatever process wrote them."""
    kept = trials(root)
    for tokens in range(12):
        kept.add(Trial("pass", tokens=tokens), [root / "agent.py"])
    kept.add(TRIAL, [root / "agent.py"])

    assert trials(root).load().trials == (*(Trial("pass", tokens=n) for n in range(12)), TRIAL)


@pytest.mark.parametrize(
    "other",
    [
        lambda root: trials(root, test="t.py::other"),
        lambda root: trials(root, settings="model=maxi"),
        lambda root: (root / "golden.json").write_text('{"other": 1}') and trials(root),
    ],
    ids=["test", "settings", "golden"],
)
def test_a_trial_of_something_else_does_not_count(root: Path, other: object) -> None:
    """Another test, golden or setting is another trial."""
    assert callable(other)
    trials(root).add(TRIAL, [root / "agent.py"])

    assert other(root).load() == Found()


@pytest.mark.parametrize(
    "change",
    [lambda file: file.write_text("second = 2"), lambda file: file.unlink()],
    ids=["changed", "gone"],
)
def test_files_that_changed_since_are_named(root: Path, change: Callable[[Path], object]) -> None:
    """A trial that depended on one does not count; one that did not does."""
    kept = trials(root)
    kept.add(TRIAL, [root / "agent.py", root / "golden.json"])
    kept.add(TRIAL, [root / "golden.json"])
    change(root / "agent.py")

    assert trials(root).load() == Found((TRIAL,), 1, ("agent.py",))


def test_old_and_broken_files_are_no_trials(root: Path) -> None:
    """A day ago is another effort; half a file is none."""
    kept = trials(root)
    for _ in range(3):
        kept.add(TRIAL, [])
    old, broken, good = sorted(kept.folder.glob("*.json"))
    long_ago = time.time() - KEPT_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    broken.write_text(good.read_text()[:40])

    assert kept.load().trials == (TRIAL,)


def test_what_a_killed_write_leaves_is_not_read(root: Path) -> None:
    """A trial is there whole or not at all."""
    kept = trials(root)
    kept.add(TRIAL, [])
    (kept.folder / "0002.1.tmp").write_text('{"trial": {"ended"')

    assert kept.load().trials == (TRIAL,)


def test_forgetting_removes_what_ended_and_what_grew_old(root: Path) -> None:
    """Trials of a session that was interrupted stay."""
    ended, interrupted, old = (trials(root, test=name) for name in ("a", "b", "c"))
    for each in (ended, interrupted, old):
        each.add(TRIAL, [])
    for file in old.folder.iterdir():
        os.utime(file, (1, 1))

    forget(root, [ended.folder.name])

    assert [folder for folder in (ended, interrupted, old) if folder.folder.exists()] == [
        interrupted
    ]
    assert (root / ".opswald" / ".gitignore").read_text() == "*\n"


def test_sources_are_the_project_s_own_modules(tmp_path: Path) -> None:
    """Not what is installed, wherever the environment lies; not modules without a file."""
    modules = {name: ModuleType(name) for name in ("own", "installed", "elsewhere", "builtin")}
    modules["own"].__file__ = str(tmp_path / "own.py")
    modules["installed"].__file__ = str(tmp_path / ".venv/lib/site-packages/it.py")
    modules["elsewhere"].__file__ = "/elsewhere/it.py"

    assert loaded_sources(tmp_path, {**modules, "gone": None}) == [tmp_path / "own.py"]
