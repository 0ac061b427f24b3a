"""An LLM that grades the final message of a modified replay, end to end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_provider import Ask, Call, Fail, Reply, Say
from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
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


@pytest.fixture
def recorded(project: Project) -> Project:
    return project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)


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
