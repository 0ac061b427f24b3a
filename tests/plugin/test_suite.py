"""The suite as a whole: a baseline, the gate, and what one golden no longer decides alone."""

from __future__ import annotations

import pytest

from local_provider import Script
from tests.language import Project
from tests.plugin.trials import AGENT, SWAP, faltering, module_of

CASES = {f"case{number}": "tags=['odd']" if number % 2 else "" for number in range(12)}
BAD = {f"case{number}": "x" for number in range(7)}
BASELINE = ".opswald/baselines/suite.json"

_baseline: list[str] = []
"""What many tests compare with is run once."""


@pytest.fixture
def recorded(project: Project) -> Project:
    """Twelve goldens without a baseline."""
    return project.recorded(agent=AGENT, test=module_of(CASES), script=faltering({}))


@pytest.fixture
def compared(recorded: Project) -> Project:
    """And with one, on which each of them passed twice."""
    path = recorded.path / BASELINE
    if not _baseline:
        run = recorded.run(*SWAP, "--opswald-trials=2", "--opswald-baseline")
        assert run.outcomes == {"passed": 12}, run.report
        assert run.provider_calls == 24
        assert f"12 goldens are the baseline now, 24 of 24 trials passed: {BASELINE}" in run.report
        _baseline.append(path.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_baseline[0])
    return recorded


@pytest.mark.parametrize(
    ("script", "options", "outcomes", "code", "said"),
    [
        (faltering({}), (), {"passed": 12}, 0, "suite pass: 100% passed before, 100% now"),
        (
            faltering(BAD),
            ("-n2",),
            {"passed": 5, "advisory": 7},
            1,
            "suite fail: 100% passed before, 42% now",
        ),
        (faltering({"case0": "x"}), (), {"passed": 11, "advisory": 1}, 0, "suite inconclusive"),
    ],
    ids=["equal", "a real drop", "one golden"],
)
def test_the_gate_judges_the_suite_not_its_goldens(
    compared: Project,
    script: Script,
    options: tuple[str, ...],
    outcomes: dict[str, int],
    code: int,
    said: str,
) -> None:
    """Red on a drop that is no chance; a golden that fails alone is shown, not red."""
    compared.talk(script)

    run = compared.run(*SWAP, "--opswald-gate", *options)

    assert run.outcomes == outcomes, run.report
    assert run.result.ret == code
    assert said in run.report


def test_a_strict_gate_is_red_on_what_it_cannot_tell(compared: Project) -> None:
    """And says how many more trials would."""
    compared.talk(faltering({"case0": "x", "case1": "xx."}))

    run = compared.run(*SWAP, "--opswald-gate=strict", "--opswald-trials=3")

    assert run.result.ret == 1
    assert run.provider_calls == 36
    assert "suite inconclusive: 100% passed before, 86% now, over 12 goldens" in run.report
    assert "more trials" in run.report
    assert "worse: goldens/test_it.test_case0.json" in run.report


def test_a_gate_without_anything_to_compare_is_never_green(recorded: Project) -> None:
    """No baseline, or no modified replay at all: the comparison was not made."""
    without_baseline = recorded.run(*SWAP, "--opswald-gate")
    unmodified = recorded.run("--opswald-gate")

    assert without_baseline.outcomes == unmodified.outcomes == {"passed": 12}
    assert without_baseline.result.ret == unmodified.result.ret == 1
    assert "12 of 12 goldens have no baseline of the same recording" in without_baseline.report
    assert "suite inconclusive: no modified replay went live; say what changes" in unmodified.report


def test_a_gate_says_what_its_comparison_is_without(compared: Project) -> None:
    """A suite that shrinks must not look like one that passes."""
    run = compared.run(*SWAP, "--opswald-gate", "-k", "case1")

    assert run.result.ret == 1
    assert "9 of 12 goldens of the baseline did not run" in run.report
    assert "opswald: the baseline ran with model=" in run.report
    assert "goldens that can be compared with their baseline: 3;" in run.report


def test_a_baseline_measures_and_does_not_judge(recorded: Project) -> None:
    """An agent that fails now and then has a baseline as well."""
    recorded.talk(faltering({"case3": "x"}))

    run = recorded.run(*SWAP, "--opswald-baseline")

    assert run.outcomes == {"passed": 11, "advisory": 1}, run.report
    assert run.result.ret == 0


def test_errors_outside_the_comparison_stay_red_under_the_gate(compared: Project) -> None:
    """The gate excuses a live run that failed, not a fixture that did."""
    compared.edit(
        "test_it.py",
        "import pytest\n",
        "import pytest\n\n@pytest.fixture\ndef broken():\n    raise OSError('gone')\n\n"
        "def test_other(broken, opswald):\n    pass\n",
    )

    run = compared.run(*SWAP, "--opswald-gate")

    assert run.outcomes == {"passed": 12, "errors": 1}, run.report
    assert run.result.ret == 1
    assert "suite pass" in run.report
