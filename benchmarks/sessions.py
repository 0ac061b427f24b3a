"""pytest sessions in processes of their own, with exactly the plugins that are named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
OURS = "pytest_opswald.plugin"
EMPTY = "empty_plugin"
"""Stands in where none is named: pytest reads what is installed for every plugin named."""
ENVIRONMENT = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "",  # else our own modules alone are compiled at every start
}

CONFTEST = """
import pathlib, time, pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    start = time.perf_counter()
    try:
        return (yield)
    finally:
        pathlib.Path(__file__).with_name("loop.txt").write_text(repr(time.perf_counter() - start))
"""


def project(folder: Path, **modules: str) -> Path:
    """A folder of tests whose session notes how long its tests took."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in {"conftest": CONFTEST, EMPTY: "", **modules}.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def seconds(folder: Path, *options: str, plugins: Sequence[str] = ()) -> float:
    """From start to end of a session whose tests all pass."""
    start = perf_counter()
    _run(folder, options, plugins)
    return perf_counter() - start


def seconds_of_tests(folder: Path, *options: str, plugins: Sequence[str] = ()) -> float:
    """Of the tests alone, without start-up and collection."""
    _run(folder, options, plugins)
    return float((folder / "loop.txt").read_text())


def _run(folder: Path, options: Sequence[str], plugins: Sequence[str]) -> None:
    named = [part for plugin in plugins or (EMPTY,) for part in ("-p", plugin)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named, *options],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise AssertionError(done.stdout)
