"""Whoever has us installed and does not use us notices nothing; whoever does, nothing odd."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local_provider import Provider, Say
from pytest_opswald import record
from pytest_opswald.store import files
from pytest_opswald.store.paths import golden_path
from tests.language import Project

HEAVY = ("asyncio", "deepdiff", "filelock", "genai_prices", "httpx", "httpx2", "pydantic", "syrupy")

PER_TEST = (
    "pytest_runtest",
    "pytest_pyfunc",
    "pytest_fixture",
    "pytest_report_",
    "pytest_item",
    "pytest_generate",
    "pytest_make",
    "pytest_pycollect",
    "pytest_collectreport",
    "pytest_assert",
)
"""Beginnings of the hooks that are called for every test, file or failure."""

SOMEBODY_ELSES = """
import warnings
import pytest

@pytest.fixture
def number(): return 1

@pytest.fixture
def broken(): raise ValueError("broken")

def test_passes(number): pass
def test_fails(number): assert number == 2
def test_skips(): pytest.skip("no")
@pytest.mark.xfail
def test_xfails(): assert False
def test_errs(broken): pass
"""

MODULES = """
import json, sys
import pytest
pytest.main(["-q", "-p", "no:syrupy", *sys.argv[1:]])
print(json.dumps(sorted(sys.modules)))
"""

AGENT = """
import httpx

def ask(hello, url="http://127.0.0.1:9"):
    return httpx.post(url + "/v1/chat/completions", json=hello).json()
"""
HELLO = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hello?"}]}

TEST = f"""
import os
from agent import ask

def test_ours(opswald):
    answer = ask({HELLO}, os.environ.get("PROVIDER", "http://127.0.0.1:9"))
    if answer["choices"][0]["message"]["content"] != "Hello!":
        raise ValueError(answer)
"""


def modules(folder: Path, *options: str) -> set[str]:
    """Everything that a session has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_session_that_does_not_use_us_imports_nothing_more(tmp_path: Path) -> None:
    """Next to our own few modules, a session has the same ones with us and without."""
    (tmp_path / "test_it.py").write_text(SOMEBODY_ELSES)

    more = modules(tmp_path) - modules(tmp_path, "-p", "no:opswald")

    assert {n for n in more if not n.startswith("pytest_opswald.plugin")} == {"pytest_opswald"}


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    """Whatever else is installed beside us."""
    code = f"""
import sys
import pytest
before = set(sys.modules)
import pytest_opswald.plugin
print(sorted((set(sys.modules) - before) & {set(HEAVY)}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_session_that_does_not_use_us_prints_the_same(project: Project) -> None:
    """Also when every warning is an error: but for the header, which lists its plugins."""
    project(test=SOMEBODY_ELSES)

    reports = [
        project.run("-W", "error", "-rA", *without) for without in ((), ("-p", "no:opswald"))
    ]

    with_us, without_us = (_comparable(run.report) for run in reports)
    assert with_us == without_us
    assert reports[0].outcomes == {
        "passed": 1,
        "failed": 1,
        "skipped": 1,
        "xfailed": 1,
        "errors": 1,
    }


def _comparable(report: str) -> list[str]:
    lines = [re.sub(r"\d\.\d\ds", "0.00s", line) for line in report.splitlines()]
    return [line for line in lines if not line.startswith(("plugins:", "plugin_"))]


def test_a_test_that_does_not_use_us_calls_none_of_our_hooks(pytester: pytest.Pytester) -> None:
    """A fixture that nobody asks for costs nothing, and neither do we."""
    config = pytester.parseconfigure("-p", "no:asyncio")

    hooks = {
        hook.name: [impl.plugin_name for impl in hook.get_hookimpls()]
        for hook in vars(config.pluginmanager.hook).values()
        if hook.name.startswith(PER_TEST)
    }

    assert len(hooks) > 20
    assert [name for name, plugins in hooks.items() if any("opswald" in p for p in plugins)] == []


@pytest.fixture
def recorded(project: Project) -> Project:
    """A test of ours with its golden, and nobody to ask."""
    project(agent=AGENT, test=TEST)
    path = golden_path(project.path / "test_it.py", "test_it.py::test_ours")
    with Provider(lambda ask: Say("Hello!")) as provider, record(path):
        httpx.post(provider.url + "/v1/chat/completions", json=HELLO)
    golden = files.load(path)
    files.save(path, golden.model_copy(update={"test": "test_it.py::test_ours"}))
    return project


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (["--import-mode=importlib", "-W", "error", "-p", "no:xdist"], {}),
        (["-p", "no:terminal", "-p", "no:capture", "-p", "no:junitxml"], {}),
        (["-n", "1"], {"HOME": "/no/such/folder", "PYTHONDEVMODE": "1"}),
        ([], {"PYTHONOPTIMIZE": "2", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (["-p", "pytest_opswald.plugin"], {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    ],
    ids=["importlib, strict, no xdist", "no terminal", "no home", "-OO, ASCII", "no autoload"],
)
def test_a_replay_does_not_mind(
    recorded: Project,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    variables: dict[str, str],
) -> None:
    """How modules are imported, which plugins there are, how strict, where and how Python runs."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    run = recorded.run(*options)

    assert run.result.ret == pytest.ExitCode.OK, run.report


def run_read_only(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    """Pytest, where the project's folder cannot be written, not even by root."""
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
    pytest_ = [sys.executable, "-m", "pytest", "-p", "no:asyncio", *options]
    unshare = shutil.which("unshare")
    assert unshare, "this test needs unshare, of util-linux"
    return subprocess.run(
        [unshare, "-rm", "sh", "-c", mount, str(project.path), *pytest_],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_replay_writes_nothing(recorded: Project) -> None:
    """A read-only checkout will do."""
    done = run_read_only(recorded, "-W", "error", "-p", "no:cacheprovider")

    assert done.returncode == pytest.ExitCode.OK, done.stdout + done.stderr
    assert "1 golden replayed (1 passed)" in done.stdout


def test_recording_says_what_it_could_not_write(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One plain failure that names the golden, not a traceback of ours."""
    (golden,) = recorded.golden_paths
    golden.unlink()
    with Provider(lambda ask: Say("Hello!")) as provider:
        monkeypatch.setenv("PROVIDER", provider.url)
        done = run_read_only(recorded, "--opswald-record", "-p", "no:cacheprovider")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert re.search(rf"{golden.name}.*Read-only file system", done.stdout), done.stdout
    assert "Traceback" not in done.stdout
    assert "files.py" not in done.stdout
