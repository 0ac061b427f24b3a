"""A golden is replaced only by a run whose test passed; other runs are kept apart."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local_provider import Ask, Reply, Say
from pytest_opswald.cli import main
from pytest_opswald.store import files
from tests.language import WITHOUT_THEM, Project

pytestmark = pytest.mark.usefixtures("forked")

AGENT = """
from chat import chat

def answer(question, tone="Be kind."):
    messages = [{"role": "system", "content": tone}, {"role": "user", "content": question}]
    return chat(model="gpt-5.2", messages=messages)["content"]
"""

TEST = """
import pytest
from agent import answer

{imports}

def test_it(opswald{fixtures}):
    answer("{name}")
    {ending}
"""

FAILING = {
    "fails": {"ending": "assert False"},
    "raises": {"ending": "raise RuntimeError('no')"},
    "swallows": {"ending": "pytest.xfail('later')"},
    "skips": {"ending": "pytest.skip('not now')"},
    "xfails": {"ending": "assert False", "imports": "pytestmark = pytest.mark.xfail"},
    "xpasses": {
        "ending": "pass",
        "imports": "pytestmark = pytest.mark.xfail(strict=True, reason='not yet')",
    },
    "errors_before": {
        "ending": "pass",
        "imports": "@pytest.fixture\ndef broken(opswald):\n    answer('before')\n    assert False",
        "fixtures": ", broken",
    },
    "errors_after": {
        "ending": "pass",
        "imports": "@pytest.fixture\ndef broken():\n    yield\n    assert False",
        "fixtures": ", broken",
    },
    "has_parts": {
        "ending": "with subtests.test(): assert False",
        "fixtures": ", subtests",
    },
}
"""Endings of tests that do not pass, all in one process."""

DEADLY = {
    "interrupted": {"ending": "raise KeyboardInterrupt"},
    "exits pytest": {"ending": "pytest.exit('enough')"},
    "dies": {"ending": "import os; os._exit(3)"},
}
"""Endings that nothing comes after; a process each."""


def parrot(ask: Ask) -> Reply:
    return Say(f"You said: {ask.prompt}")


def written(name: str, *, imports: str = "", fixtures: str = "", ending: str = "pass") -> str:
    return TEST.format(name=name, imports=imports, fixtures=fixtures, ending=ending)


def goldens(project: Project) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in project.golden_paths}


def kept(project: Project) -> list[Path]:
    return sorted((project.path / ".opswald" / "failed").glob("*.json"))


def changed(project: Project, endings: dict[str, dict[str, str]]) -> dict[str, bytes]:
    """A project whose recordings would all change, and whose tests then do not pass."""
    modules = {f"test_{name.replace(' ', '_')}.py": name for name in endings}
    project({path: written(name) for path, name in modules.items()}, agent=AGENT, script=parrot)
    assert set(project.run("--opswald-record").outcomes) == {"passed"}
    project.edit("agent.py", "Be kind.", "Be brief.")
    project({path: written(name, **endings[name]) for path, name in modules.items()})
    return goldens(project)


def test_a_test_that_does_not_pass_leaves_its_golden_alone(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failing, erroring, skipping, xfailing: the file keeps its bytes, the run is kept apart."""
    before = changed(project, FAILING)

    run = project.run("--opswald-record=all")

    assert run.outcomes["failed"] == 5, run.report  # a subtest is one, and so is its test
    assert goldens(project) == before
    inspected = {path.stem.rpartition("-")[0]: path for path in kept(project)}
    assert inspected.keys() >= {"test_fails.test_it", "test_raises.test_it", "test_xfails.test_it"}
    assert inspected.keys() >= {"test_errors_after.test_it", "test_xpasses.test_it"}
    assert "test_has_parts.test_it" in inspected
    assert (project.path / ".opswald" / ".gitignore").read_text() == "*\n"
    failed = inspected["test_fails.test_it"]
    assert f"pytest-opswald show {failed.relative_to(project.path)}" in run.report
    assert main(["show", str(failed)]) == 0
    assert "You said: fails" in capsys.readouterr().out
    assert files.load(failed).trace.llm_calls[0].input.messages[0].content == "Be brief."


@pytest.mark.parametrize("name", DEADLY)
def test_a_process_that_ends_early_leaves_the_golden_alone(project: Project, name: str) -> None:
    """Whatever ends it, the golden keeps its bytes and nothing lies beside it."""
    before = changed(project, {name: DEADLY[name]})

    project.run("--opswald-record=all")

    assert goldens(project) == before
    assert [path.name for path in (project.path / "goldens").iterdir()] == [
        f"{n}.json" for n in before
    ]


def test_a_crashed_worker_takes_no_golden_along(project: Project) -> None:
    """The worker dies in the middle of one test; the others are recorded."""
    endings = {"one": {}, "crash": {"ending": "import os; os._exit(3)"}, "two": {}}
    before = changed(project, endings)

    run = project.run("--opswald-record=all", "-n2", "--max-worker-restart=2")

    after = goldens(project)
    assert run.outcomes == {"passed": 2, "failed": 1}, run.report
    assert {name for name in before if after[name] != before[name]} == {
        "test_one.test_it",
        "test_two.test_it",
    }


def test_a_run_that_passes_again_is_no_longer_kept(project: Project) -> None:
    """What was kept for inspection goes with its cause."""
    changed(project, {"fails": FAILING["fails"]})
    project.run("--opswald-record=all")
    assert len(kept(project)) == 1
    project.edit("test_fails.py", "assert False", "pass")

    project.run("--opswald-record=all")

    assert kept(project) == []


VICTIM = """
import os
import signal

if "VICTIM" in os.environ:
    os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
"""
"""Dies within the first write of a golden, with the lock in its hand."""


def test_processes_that_record_at_the_same_time_lose_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pytest processes, one of them with three workers, in one folder of goldens.

    A third one was killed there while it wrote.
    """
    names = [f"n{number}" for number in range(6)]
    tests = "\n".join(f"def test_{name}(opswald):\n    answer('{name}')\n" for name in names)
    test = f"from agent import answer\n\n{tests}"
    project(test=test, agent=AGENT, conftest=VICTIM, script=parrot)
    with monkeypatch.context() as environment:
        environment.setenv("VICTIM", "1")
        killed = project.run("--opswald-record=all")
    assert killed.result.ret == -signal.SIGKILL
    assert [path.suffix for path in (project.path / "goldens").iterdir()] == [".tmp"]
    command = [sys.executable, "-m", "pytest", *WITHOUT_THEM, "-q", "--opswald-record=all"]

    processes = [
        subprocess.Popen([*command, *more], cwd=project.path, stdout=subprocess.PIPE)
        for more in ([], ["-n3"])
    ]
    reports = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0], reports
    assert {files.load(path).trace.final_message for path in project.golden_paths} == {
        f"You said: {name}" for name in names
    }
    assert list((project.path / "goldens").glob(".*")) == []
