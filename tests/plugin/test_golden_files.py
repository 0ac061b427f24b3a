"""A folder of goldens as a test suite of its own."""

from __future__ import annotations

import json

import pytest

from local_provider import Ask, Say
from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project
from tests.plugin.trials import AGENT, SWAP, faltering, module_of


def test_goldens_are_tests_without_any_python(project: Project) -> None:
    """Frozen by default, teacher-forced under a change; each says which."""
    project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    (project.path / "pytest.ini").write_text("[pytest]\nopswald_goldens = goldens\n")
    for name in ("agent.py", "test_it.py"):
        (project.path / name).unlink()

    frozen = project.run()
    live = project.run("--opswald-replay", "--opswald-model", "gpt-5")

    assert frozen.outcomes == {"passed": 1}, frozen.report
    assert frozen.provider_calls == 0
    assert "frozen, 0 of 3 LLM calls live" in frozen.report
    assert live.outcomes == {"passed": 1}, live.report
    assert live.provider_calls == 3
    assert "teacher_forced, 3 of 3 LLM calls live" in live.report


def test_how_goldens_were_replayed_takes_a_line_and_not_one_each(project: Project) -> None:
    """A thousand of them would bury what is worth reading; `-v` names each."""
    project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    (project.path / "pytest.ini").write_text("[pytest]\nopswald_goldens = goldens\n")
    (golden,) = project.golden_paths
    for name in ("another.json", "another.variant-2.json"):  # which belongs to the other
        golden.with_name(name).write_bytes(golden.read_bytes())
    (project.path / "test_it.py").unlink()

    run = project.run()
    verbose = project.run("-v")

    assert "opswald: 2 goldens frozen, 0 of 6 LLM calls live" in run.report
    assert "opswald: another: frozen, 0 of 3 LLM calls live" in verbose.report


def test_a_folder_of_goldens_that_is_not_there_is_an_error(project: Project) -> None:
    """Its goldens would not be missed by anybody."""
    project(test="def test_else(): pass")
    (project.path / "pytest.ini").write_text("[pytest]\nopswald_goldens = goldenz\n")

    run = project.run()

    assert run.result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ini opswald_goldens: there is no folder" in run.report


def test_a_golden_says_how_often_it_is_replayed(project: Project) -> None:
    """Its own trials judge a changed replay; one that is unmodified takes a single run."""
    tests = module_of({"answer": ""})
    project.recorded(agent=AGENT, test=tests, script=faltering({}))
    (project.path / "pytest.ini").write_text("[pytest]\nopswald_goldens = goldens\n")
    own = '"expected_outcome": {"trials": {"n": 5}, '
    project.edit("goldens/test_it.test_answer.json", '"expected_outcome": {', own)
    for name in ("agent.py", "test_it.py"):
        (project.path / name).unlink()
    project.talk(faltering({"answer": ".x"}))

    frozen = project.run()
    live = project.run(*SWAP)

    assert frozen.outcomes == {"passed": 1}, frozen.report
    assert live.outcomes == {"failed": 1}, live.report
    assert live.provider_calls == 4
    assert "2 of 4 trials passed (rule: 4 of 5)" in live.report


TOTAL_AGENT = """
from chat import chat

def total():
    asked = [{"role": "user", "content": "What does ACME-778899 owe? As JSON."}]
    return chat(model="gpt-5.2", messages=asked)["content"]
"""
TOTAL_TEST = """
from agent import total

def test_total(opswald):
    total()
"""


@pytest.fixture
def goldens(project: Project) -> Project:
    """A folder with the golden of an agent that answers with JSON, and nothing else."""
    project.recorded(agent=TOTAL_AGENT, test=TOTAL_TEST, script=_total)
    for name in ("agent.py", "test_it.py"):
        (project.path / name).unlink()
    _ini(project)
    return project


def _total(ask: Ask) -> Say:
    total = 12 if ask.model == "gpt-5.2" else 13
    return Say(f'{{"customer": "ACME-778899", "total": {total}}}')


def _ini(project: Project, *lines: str) -> None:
    text = "\n".join(("[pytest]", "opswald_goldens = goldens", *lines))
    (project.path / "pytest.ini").write_text(text)


def test_reports_of_goldens_hold_no_secret(goldens: Project) -> None:
    """Own patterns hold for what models say, and for goldens from before there was a pattern."""
    _ini(goldens, r"opswald_redact_patterns = ACME-\d+")

    changed = ("--opswald-model=gpt-5-mini", "--opswald-profile=exact")
    run = goldens.run(*changed, "--junitxml=junit.xml")

    assert run.outcomes == {"failed": 1}, run.report
    assert '"customer": "‹redacted:custom#1›", "total": [12 → 13]' in run.report
    assert "778899" not in run.report + (goldens.path / "junit.xml").read_text()


def test_goldens_have_no_golden_of_their_own(goldens: Project) -> None:
    """Every test that makes an LLM call has one under opswald_auto, but for those that are one."""
    _ini(goldens, "opswald_auto = true")

    run = goldens.run("--opswald-temperature=0.5")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.provider_calls == 1


def test_a_setting_that_makes_no_sense_is_told_plainly(goldens: Project) -> None:
    """In a line, without our own code above it."""
    _ini(goldens, "opswald_temperature = warm")

    run = goldens.run()

    assert run.outcomes == {"failed": 1}, run.report
    assert "ini opswald_temperature: 'warm' is not a number" in run.report
    assert "def " not in run.report


def test_schemas_may_lie_beside_goldens(goldens: Project) -> None:
    """They are no tests, and found from where the golden lies; a damaged golden is red."""
    (path,) = goldens.golden_paths
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["final_message"] = {"json_schema": "total.json"}
    path.write_text(json.dumps(golden))
    (path.parent / "total.json").write_text('{"type": "object", "required": ["total"]}')
    (path.parent / "cut.json").write_text(path.read_text()[:1000])
    del golden["schema"]
    (path.parent / "beheaded.json").write_text(json.dumps(golden))

    run = goldens.run()

    assert run.outcomes == {"passed": 1, "failed": 2}, run.report
    assert 'it has no "schema" number' in run.report
