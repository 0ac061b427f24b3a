"""A folder of goldens as a test suite of its own."""

from __future__ import annotations

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
