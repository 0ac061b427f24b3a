"""An LLM that grades the final message of a modified replay, end to end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_provider import Ask, Call, Fail, Reply, Say
from tests.agents import refund_model
from tests.language import Project

SWAPPED = ("--opswald-model", "gpt-5-mini")
JUDGE = {"rubric": "Says that the order is refunded.", "model": "openai:gpt-5.2"}


def _is_judge(ask: Ask) -> bool:
    return "tool_choice" in ask.body


def _swapped(grade: Reply) -> Any:
    def model(ask: Ask) -> Reply:
        if _is_judge(ask):
            return grade
        said = refund_model(ask)
        return Say("It is done, 19.9 EUR are on their way.") if isinstance(said, Say) else said

    return model


def _expect(project: Project, **judge: Any) -> bytes:
    """Have the golden's final message judged; the file as it is then."""
    (path,) = project.golden_paths
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["final_message"] = {"judge": {**JUDGE, **judge}}
    path.write_text(json.dumps(golden))
    return path.read_bytes()


def test_a_new_message_is_graded_and_the_grades_are_paid_for(recorded: Project) -> None:
    """Outside of the run: the golden holds none of it; unmodified replays ask nobody."""
    golden = _expect(recorded)
    recorded.talk(_swapped(Call("grade", score=0.9, reason="It says where the money is.")))

    live = recorded.run(*SWAPPED)
    graded = [ask for ask in recorded.provider.requests if _is_judge(ask)]
    same = recorded.run("-v")

    assert live.outcomes == {"passed": 1}, live.report
    assert live.provider_calls == 3 + 3
    assert "Refund order 42." in graded[0].prompt
    assert "It is done, 19.9 EUR are on their way." in graded[0].prompt
    assert "✓ final_message.judge  0.7       0.9" in live.report
    assert "It says where the money is." in live.report
    assert "3 live" in live.report
    assert same.provider_calls == 0
    assert "no LLM was asked: the golden's own message" in same.report
    assert recorded.golden_paths[0].read_bytes() == golden


@pytest.mark.parametrize(
    ("grade", "gate", "outcome", "told"),
    [
        (Call("grade", score=0.2, reason="No order."), False, "passed", "No order."),
        (Call("grade", score=0.2, reason="No order."), True, "failed", "No order."),
        (Fail(401, "no such key"), False, "passed", "not graded: openai:gpt-5.2: HTTP 401"),
        (Fail(401, "no such key"), True, "failed", "gates and was not measured: openai:gpt-5.2"),
    ],
    ids=["shown", "gates", "unmeasured", "unmeasured gate"],
)
def test_only_a_gate_makes_red(
    recorded: Project, grade: Reply, gate: bool, outcome: str, told: str
) -> None:
    """A low grade is shown; what could not be measured is no pass where it gates."""
    _expect(recorded, gate=gate)
    recorded.talk(_swapped(grade))

    run = recorded.run(*SWAPPED)

    assert run.outcomes == {outcome: 1}, run.report
    assert told in " ".join(run.report.split())


def test_who_cannot_be_asked_is_told_before_anything_is_paid_for(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to type; in the marker, too."""
    _expect(recorded, model="anthropic:claude-haiku-5")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    keyless = recorded.run(*SWAPPED)
    own = {"final_message": {"judge": {**JUDGE, "model": "opneai:gpt-5.2"}}}
    marker = f"@pytest.mark.opswald(expected_outcome={own})"
    recorded.edit("test_it.py", "def test", f"import pytest\n\n{marker}\ndef test")
    marked = recorded.run(*SWAPPED)

    assert "openai:gpt-5.2, openai-responses:gpt-5.2 or anthropic:gpt-5.2" in marked.report
    assert "export ANTHROPIC_API_KEY=..., or take judge out" in keyless.report
    assert (marked.provider_calls, keyless.provider_calls) == (0, 0)


def _graded(project: Project) -> int:
    return sum(map(_is_judge, project.provider.requests))


def test_a_test_that_failed_by_itself_is_not_graded(recorded: Project) -> None:
    """It is red anyway: nobody pays for an opinion."""
    _expect(recorded)
    recorded.talk(_swapped(Call("grade", score=0.9, reason="Fine.")))
    recorded.edit("test_it.py", "    answer(", "    assert not answer(")

    run = recorded.run(*SWAPPED)

    assert run.outcomes == {"failed": 1}, run.report
    assert (run.provider_calls, _graded(recorded)) == (3, 0)


INTERRUPTED = """
import pathlib
import pytest

@pytest.fixture(autouse=True)
def _interrupts_its_second_run():
    runs = pathlib.Path(__file__).with_name("runs")
    runs.write_text(runs.read_text() + "." if runs.exists() else ".")
    if runs.read_text() == "..":
        raise KeyboardInterrupt
"""


def test_each_trial_is_graded_once_and_no_finished_one_again(recorded: Project) -> None:
    """By workers, too, and whatever interrupts the session in between."""
    _expect(recorded, samples=1)
    recorded.talk(_swapped(Call("grade", score=0.9, reason="Fine.")))
    recorded({"conftest.py": INTERRUPTED})
    trials = (*SWAPPED, "--opswald-trials=3/3")

    interrupted = recorded.run(*trials)
    before = _graded(recorded)
    continued = recorded.run(*trials, "-n1")

    assert interrupted.result.ret == pytest.ExitCode.INTERRUPTED
    assert continued.outcomes == {"passed": 1}, continued.report
    assert "1 trial from an interrupted session counted" in " ".join(continued.report.split())
    assert (before, _graded(recorded), len(recorded.provider.requests)) == (1, 3, 3 * 4)


def test_nobody_is_told_a_secret(recorded: Project) -> None:
    """The judge reads what the golden would say; what it says itself is redacted like the rest."""
    _expect(recorded, samples=1)
    recorded({"pytest.ini": "[pytest]\nopswald_redact_patterns = ACME-\\d+\n"})
    reason = "ACME-4711 is no number of an order."

    def model(ask: Ask) -> Reply:
        if _is_judge(ask):
            return Call("grade", score=0.2, reason=reason)
        said = refund_model(ask)
        return Say("Refunded as ACME-4711.") if isinstance(said, Say) else said

    recorded.talk(model)

    run = recorded.run(*SWAPPED, "-v", "--junitxml=junit.xml")

    (asked,) = (ask.prompt for ask in recorded.provider.requests if _is_judge(ask))
    assert "Refunded as ‹redacted:custom" in asked
    assert "is no number of an order." in run.report
    for told in (asked, run.report, (recorded.path / "junit.xml").read_text()):
        assert "ACME-4711" not in told


def test_only_the_judge_that_would_be_asked_needs_a_key(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker that expects something else of the message leaves the golden's out."""
    _expect(recorded, model="anthropic:claude-haiku-5", gate=True)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    own = {"final_message": {"contains": "are on their way"}}
    marker = f"@pytest.mark.opswald(expected_outcome={own})"
    recorded.edit("test_it.py", "def test", f"import pytest\n\n{marker}\ndef test")
    recorded.talk(_swapped(Fail(401)))
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    run = recorded.run(*SWAPPED)

    assert run.outcomes == {"passed": 1}, run.report
    assert _graded(recorded) == 0
