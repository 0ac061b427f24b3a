"""What a session prints and writes."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.agents import REFUND_AGENT, refund_model
from tests.language import Project


def _rename_shop(project: Project) -> None:
    project.edit("agent.py", "book shop", "bike shop")


def test_junit_carries_the_verdict(recorded: Project) -> None:
    """One failure a test, with what was found as properties."""
    _rename_shop(recorded)

    recorded.run("--opswald-replay", "--junitxml", "junit.xml")

    case = ElementTree.parse(recorded.path / "junit.xml").find(".//testcase")
    assert case is not None
    found = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert found["opswald.verdict"] == "fail"
    assert found["opswald.reason_codes"] == "REQUEST_DRIFT"
    assert found["opswald.llm_served"] == "3"
    assert len(case.findall("failure")) == 1
    failure = case.find("failure")
    assert failure is not None
    assert "first divergence" in (failure.text or "")
    assert "\x1b" not in (failure.text or "")


def test_quiet_prints_verdicts_only(recorded: Project) -> None:
    """-q leaves out everything but which golden failed."""
    _rename_shop(recorded)

    run = recorded.run("--opswald-replay", "-q")

    assert "✗ test_it.test_refund" in run.report
    assert "first divergence" not in run.report


def test_verbose_shows_every_step(recorded: Project) -> None:
    """-v folds nothing."""
    _rename_shop(recorded)

    run = recorded.run("--opswald-replay", "-v")

    assert "get_policy(topic=" in run.report
    assert "equal steps" not in run.report


def test_colours_are_pytests(recorded: Project) -> None:
    """--color=yes colours, and nothing else does."""
    _rename_shop(recorded)

    assert "\x1b[" in recorded.run("--opswald-replay", "--color=yes").report
    assert "\x1b[" not in recorded.run("--opswald-replay", "--color=no").report


def test_a_failing_assertion_is_explained_by_the_golden(recorded: Project) -> None:
    """The test's own failure stays, and what diverged stands below it."""
    _rename_shop(recorded)
    recorded.edit("test_it.py", "    answer(", "    assert 'blue' in answer(")

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"failed": 1}
    assert "assert 'blue' in" in run.report
    assert "golden trace" in run.report
    assert "first divergence: step 2" in run.report


def test_workers_report_to_one_session(recorded: Project) -> None:
    """Under xdist the verdicts and the sums are those of one process."""
    recorded.edit(
        "test_it.py",
        "def test_refund",
        "import pytest\n\n@pytest.mark.parametrize('n', range(3))\ndef test_more(opswald, n):\n"
        "    answer('Refund order 42.')\n\ndef test_refund",
    )

    first = recorded.run("--opswald-record", "-n", "2")
    second = recorded.run("--opswald-replay", "-n", "2")

    assert first.outcomes == {"passed": 4}, first.report
    assert "3 goldens recorded, 1 golden replayed" in first.report
    assert second.outcomes == {"passed": 4}, second.report
    assert "4 goldens replayed (4 passed), 12 LLM calls served" in second.report


def test_a_live_replay_that_holds_shows_what_changed(recorded: Project) -> None:
    """A passing replay with another model is no secret: its differences are printed."""
    from local_provider import Say

    recorded.talk(
        lambda ask: (
            Say("Order 42: 19.9 EUR are back.") if len(ask.results) == 3 else refund_model(ask)
        )
    )

    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-5.2-mini")

    assert run.outcomes == {"passed": 1}, run.report
    assert "golden trace of" in run.report
    assert "are back" in run.report


SNAPSHOT_TEST = """
from agent import answer

def test_refund(opswald, snapshot, opswald_snapshot):
    answer("Refund order 42.")
    assert opswald.trajectory == snapshot
    assert opswald.trajectory == opswald_snapshot
    assert opswald.outcome == opswald_snapshot
"""


def test_trajectories_make_stable_snapshots(project: Project) -> None:
    """Recorded, updated, replayed and recorded anew: the snapshot holds."""
    project(agent=REFUND_AGENT, test=SNAPSHOT_TEST, script=refund_model)

    first = project.run("--opswald-record", "--snapshot-update")
    again = project.run("--opswald-record=all")
    replayed = project.run("--opswald-replay")

    assert first.outcomes == {"passed": 1}, first.report
    assert again.outcomes == {"passed": 1}, again.report
    assert replayed.outcomes == {"passed": 1}, replayed.report
    kept = [path.read_text() for path in project.path.glob("__snapshots__/test_it/*.txt")]
    assert any("lookup_order(order_id=42)" in text for text in kept)
