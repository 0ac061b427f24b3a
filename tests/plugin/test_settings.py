"""Flags, markers, environment and ini: one precedence; nonsense is refused with its place."""

from __future__ import annotations

import pytest

from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project


def _ini(project: Project, *lines: str) -> None:
    (project.path / "pytest.ini").write_text("\n".join(("[pytest]", *lines)))


def _mark(project: Project, arguments: str) -> None:
    project.edit(
        "test_it.py",
        "def test_refund",
        f"import pytest\n\n@pytest.mark.opswald({arguments})\ndef test_refund",
    )


def test_the_strongest_source_wins(recorded: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line over marker over environment over ini."""
    asked = []

    _ini(recorded, "opswald_model = from-ini")
    recorded.run("--opswald-replay")
    asked.append(recorded.provider.requests[-1].model)
    monkeypatch.setenv("OPSWALD_MODEL", "from-environment")
    recorded.run("--opswald-replay")
    asked.append(recorded.provider.requests[-1].model)
    _mark(recorded, "model='from-marker'")
    recorded.run("--opswald-replay")
    asked.append(recorded.provider.requests[-1].model)
    recorded.run("--opswald-replay", "--opswald-model", "from-flag")
    asked.append(recorded.provider.requests[-1].model)

    assert asked == ["from-ini", "from-environment", "from-marker", "from-flag"]


REFUSED = {
    "record and replay": (["--opswald-record", "--opswald-replay"], "choose one of"),
    "verify and change": (["--opswald-verify", "--opswald-seed=1"], "--opswald-seed changes that"),
    "record with a change": (["--opswald-record", "--opswald-model", "x"], "changes a replay"),
    "unknown rewrite": (["--opswald-record=chnaged"], "--opswald-record"),
    "temperature": (
        ["--opswald-replay", "--opswald-temperature", "warm"],
        "'warm' is not a number",
    ),
    "step": (["--opswald-replay", "--opswald-fork-from-step", "0"], "steps are counted from 1"),
    "two models": (
        ["--opswald-replay", "--opswald-model", "a", "--opswald-model", "b"],
        "a and b cannot both be the new model",
    ),
    "half a map": (["--opswald-replay", "--opswald-model", "a="], "neither NEW nor OLD=NEW"),
    "not a number": (["--opswald-temperature=nan"], "'nan' is not a number from 0"),
    "no share": (["--opswald-top-p=3"], "'3' is not a share from 0 to 1"),
    "no limit": (["--opswald-max-tokens=0"], "'0' is no limit: the least is 1"),
    "no model": (["--opswald-model=anthropic:"], "'anthropic:' names a provider and no model"),
    "policy": (["--opswald-on-miss=refund=stubb"], "'stubb' is no policy"),
    "prompt file": (["--opswald-replay", "--opswald-prompt=@nowhere.txt"], "cannot read"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED)
def test_nonsense_is_refused_before_anything_runs(
    recorded: Project, options: list[str], said: str
) -> None:
    """The message names the option and what is wrong with it."""
    run = recorded.run(*options)

    assert (run.outcomes, run.result.ret) == ({}, pytest.ExitCode.USAGE_ERROR)
    assert said in run.report
    assert (run.provider_calls, run.tool_calls) == (0, 0)


def test_verifying_refuses_what_a_variable_changes(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go live once and verify nothing."""
    monkeypatch.setenv("OPSWALD_MODEL", "gpt-5-mini")

    run = recorded.run("--opswald-verify")

    assert run.outcomes == {"errors": 1}, run.report
    assert "replayed with model=gpt-5-mini" in run.report
    assert "--opswald-verify replays goldens as they are" in run.report
    assert run.provider_calls == 0


def test_a_misspelt_marker_keyword_is_named(recorded: Project) -> None:
    """A typo is an error with a suggestion, never an ignored wish."""
    _mark(recorded, "modle='x'")

    run = recorded.run("--opswald-replay")

    assert "passed" not in run.outcomes
    assert "unknown keyword, did you mean model?" in run.report


def test_a_marker_takes_no_value_without_a_name(recorded: Project) -> None:
    """A model that nobody would be asked for is an error."""
    _mark(recorded, "'gpt-5-mini'")

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"errors": 1}
    assert "@pytest.mark.opswald('gpt-5-mini'): everything is given by name" in run.report


def test_markers_add_up_name_by_name(recorded: Project) -> None:
    """The module's model and tools stay where a test adds tags; of two models the closest wins."""
    _mark(recorded, "tags=['slow'], model='of-the-test'")
    recorded.edit(
        "test_it.py",
        "import pytest\n",
        "import pytest\n"
        "pytestmark = pytest.mark.opswald(tools=['agent:nowhere'], model='of-the-module')\n",
    )

    refused = recorded.run("--opswald-replay")
    recorded.edit("test_it.py", "tools=['agent:nowhere'], ", "")
    run = recorded.run("--opswald-replay")

    assert "module agent has no attribute nowhere" in refused.report
    assert run.provider_calls
    assert recorded.provider.requests[-1].model == "of-the-test"


def test_a_marker_states_what_is_expected(recorded: Project) -> None:
    """expected_outcome of the marker wins over that of the golden."""
    _mark(recorded, "expected_outcome={'final_message': {'contains': 'order 43'}}")

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"failed": 1}
    assert "order 43" in run.report


def test_a_misspelt_expectation_is_named_with_its_place(recorded: Project) -> None:
    """A key that a hand edit got wrong is found where it stands."""
    (path,) = recorded.golden_paths
    path.write_text(path.read_text().replace('"final_message"', '"final_mesage"', 1))

    run = recorded.run("--opswald-replay")

    assert "passed" not in run.outcomes
    assert f"{path.name}:" in run.report
    assert "did you mean final_message?" in run.report


@pytest.mark.parametrize(
    ("options", "outcome", "said"),
    [
        (["--opswald-record"], "passed", "1 golden recorded"),
        ([], None, "under CI goldens are recorded only when the command line asks for it"),
    ],
    ids=["asked for", "from addopts"],
)
def test_under_ci_recording_must_be_asked_for_on_the_command_line(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    outcome: str | None,
    said: str,
) -> None:
    """A forgotten addopts must not paper over missing goldens."""
    project(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    monkeypatch.setenv("CI", "true")
    if not options:
        _ini(project, "addopts = --opswald-record")

    run = project.run(*options)

    assert run.outcomes == ({outcome: 1} if outcome else {})
    assert said in run.report


AUTO_TEST = """
from agent import answer

def test_refund():
    answer("Refund order 42.")

def test_sums():
    assert 1 + 1 == 2
"""


def test_auto_takes_every_test_that_makes_an_llm_call(project: Project) -> None:
    """No fixture needed; tests without LLM calls get no golden."""
    project(agent=REFUND_AGENT, test=AUTO_TEST, script=refund_model)
    _ini(project, "opswald_auto = true")

    missing = project.run()
    recorded = project.run("--opswald-record")
    project.stop_provider()
    replayed = project.run("--opswald-replay")

    assert missing.outcomes == {"passed": 1, "failed": 1}, missing.report
    assert missing.provider_calls == 0
    assert "pytest test_it.py::test_refund --opswald-record" in missing.report
    assert recorded.outcomes == {"passed": 2}, recorded.report
    assert len(project.golden_paths) == 1
    assert replayed.outcomes == {"passed": 2}, replayed.report
