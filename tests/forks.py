"""Processes of pytest that are forked, where to start each anew would take most of its time.

They are forked from a process that has loaded pytest and this plugin, and nothing that the plugin
watches for: httpx and the SDKs are imported by the project, as ever. There are two such processes,
taken in turn, so that a recording and its replay differ in the order of their sets.
"""

from __future__ import annotations

import gc
import importlib
import io
import itertools
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path

import pytest

LOADED = ["pytest_opswald.runs", "pytest_opswald.plugin.output", "pytest_opswald.plugin.hooks"]
LOADED += [
    "pytest_opswald.store.migrations",
    "pytest_opswald.store.reading",
    "pydantic.type_adapter",
]
LOADED += ["deepdiff", "filelock"]
# What httpx imports, and what that imports for a command line of its own.
LOADED += ["certifi", "h11", "http.cookiejar", "idna", "mimetypes", "secrets"]
LOADED += ["click", "pygments.lexers", "rich.console", "rich.progress", "rich.syntax", "rich.table"]


class Forks:
    """Runs pytest in a folder, like `runpytest_subprocess` of a pytester in its own."""

    def __init__(self, origins: Sequence[subprocess.Popen[str]]) -> None:
        self._origins = itertools.cycle(origins)

    def run(
        self, folder: Path, *options: str, variables: Mapping[str, str] = os.environ
    ) -> pytest.RunResult:
        number = len(list(folder.glob("runpytest-*")))
        code = self._asked(
            {
                "options": [f"--basetemp={folder / f'runpytest-{number}'}", *options],
                "folder": str(folder),
                "variables": {**variables, "PYTHONPATH": _path_from(folder)},
            }
        )
        out, err = ((folder / name).read_text("utf-8") for name in ("stdout", "stderr"))
        sys.stdout.write(out)
        sys.stderr.write(err)
        return pytest.RunResult(code, out.splitlines(), err.splitlines(), 0)

    def _asked(self, run: dict[str, object]) -> int:
        """The exit code; negative when a signal ended it."""
        origin = next(self._origins)
        assert origin.stdin
        assert origin.stdout
        origin.stdin.write(json.dumps(run) + "\n")
        origin.stdin.flush()
        return int(origin.stdout.readline())


@contextmanager
def forks(options: Sequence[str]) -> Iterator[Forks]:
    """For sessions of pytest that have these options in common."""
    # Without the variable modules are compiled once; see `project` in conftest.py.
    variables = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    with ExitStack() as stack:
        origins = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, __file__, *options],
                    env=variables,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        yield Forks(origins)


def _path_from(folder: Path) -> str:
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def _serve(options: list[str]) -> None:
    """One fork after the other, until nobody asks any more; a fork returns as what was asked for."""
    _load(options)
    for line in sys.stdin:
        if (process := os.fork()) == 0:
            _become(**json.loads(line))
            return
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _load(options: list[str]) -> None:
    # By a session without tests: pytest wants to load plugins itself, and rewrite their asserts.
    with tempfile.TemporaryDirectory() as empty, redirect_stdout(io.StringIO()):
        pytest.main([*options, f"--rootdir={empty}", empty])
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no fork looks for garbage here


def _become(options: list[str], folder: str, variables: dict[str, str]) -> None:
    os.chdir(folder)
    for descriptor, name, mode in ((0, os.devnull, "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        with Path(name).open(mode) as file:
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(variables)
    sys.path.insert(0, folder)
    sys.argv[1:] = options
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    del sys.path[0]  # where this file lies: nothing of it is the project's
    _serve(sys.argv[1:])
