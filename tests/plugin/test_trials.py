"""Modified replays run several times, judged once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from local_provider import Ask, Call, Reply, Say
from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project, Run
from tests.plugin.trials import AGENT, SWAP, faltering, module_of

RULES = {
    # name: marker, what the model does, verdict, live runs
    "no_failure": ("trials=5", ".", "passed", 4),
    "one_forgiven": ("trials=5", ".x...", "passed", 5),
    "two_too_many": ("trials=5", "xx...", "failed", 2),
    "all_needed": ("trials='3/3'", "..x", "failed", 3),
    "surely_good": ("trials='auto'", ".", "passed", 6),
    "surely_bad": ("trials='auto'", "x", "failed", 3),
    "one_error_forgiven": ("trials=5", "!....", "passed", 5),
    "too_many_errors": ("trials=5", "!", "failed", 2),
    "no_trials_asked": ("", ".", "passed", 1),
    "asked_by_its_golden": ("", ".", "passed", 2),
    "asked_by_its_outcome": ("expected_outcome={'trials': {'n': 3}}", ".", "passed", 3),
}


def recorded(project: Project, cases: dict[str, str]) -> Project:
    """One golden for each case."""
    return project.recorded(agent=AGENT, test=module_of(cases), script=faltering({}))


def live_runs(project: Project) -> Counter[str]:
    """How often each question was asked."""
    return Counter(ask.prompt for ask in project.provider.requests)


def words_of(run: Run) -> str:
    """What it printed, wherever lines were broken."""
    return " ".join(run.report.split())


def properties(junit: Path) -> dict[str, dict[str, str]]:
    """What the JUnit file says of the trials of each test."""
    wanted = {f"opswald.{name}" for name in ("verdict", "trials", "passes", "infra")}
    return {
        case.attrib["name"].removeprefix("test_"): {
            each.attrib["name"].removeprefix("opswald."): each.attrib["value"]
            for each in case.iter("property")
            if each.attrib["name"] in wanted
        }
        for case in ElementTree.parse(junit).iter("testcase")
    }


def test_a_rule_ends_as_soon_as_it_is_sure(project: Project) -> None:
    """One report a test, from workers too, and not one live run more than the verdict takes."""
    recorded(project, {name: marker for name, (marker, *_) in RULES.items()})
    project.talk(faltering({name: script for name, (_, script, *_) in RULES.items()}))
    own = '"expected_outcome": {"trials": {"n": 2, "need": 2}, '
    project.edit("goldens/test_it.test_asked_by_its_golden.json", '"expected_outcome": {', own)

    run = project.run(*SWAP, "-n2", "--junitxml=junit.xml")

    failed = sum(verdict == "failed" for *_, verdict, _ in RULES.values())
    assert run.outcomes == {"passed": len(RULES) - failed, "failed": failed}, run.report
    assert live_runs(project) == {name: runs for name, (*_, runs) in RULES.items()}
    for line in (
        "4 of 5 trials passed (rule: 4 of 5)",
        "0 of 2 trials passed (rule: 4 of 5)",
        "trial 2 failed: AssertionError: assert '42' in 'No idea.'",
        "4 of 4 trials passed (rule: 4 of 5), 1 more ended in provider errors",
        "trial 1 does not count: HTTP 503: overloaded",
        "inconclusive: 0 of 0 trials passed (rule: 4 of 5), 2 more ended in provider errors",
    ):
        assert line in words_of(run)
    told = properties(project.path / "junit.xml")
    assert told["one_forgiven"] == {"verdict": "pass", "trials": "5", "passes": "4"}
    assert told["two_too_many"] == {"verdict": "fail", "trials": "2"}
    assert told["too_many_errors"] == {"verdict": "inconclusive", "infra": "2"}
    assert not list((project.path / ".opswald" / "trials").iterdir())


def test_a_session_that_was_cut_short_is_continued_and_pays_for_no_trial_twice(
    project: Project,
) -> None:
    """Killed or interrupted: what had finished counts, and the next session begins anew."""
    recorded(project, {"first": "trials='4/4'", "second": "trials='4/4'"})
    project.edit("agent.py", "def answer(question):", f"{DYING}\ndef answer(question):\n    die()")

    killed = project.run(*SWAP)
    interrupted = project.run(*SWAP)
    paid = live_runs(project)
    continued = project.run(*SWAP)

    assert (killed.result.ret, interrupted.result.ret) == (9, 2)
    assert "trials that had finished are kept; the same command goes on" in interrupted.report
    assert paid == {"first": 4, "second": 3}
    assert continued.outcomes == {"passed": 2}, continued.report
    assert continued.provider_calls == 1
    assert "3 trials from an interrupted session counted" in words_of(continued)
    assert project.run(*SWAP).provider_calls == 8


DYING = """
import os, pathlib

def die():
    count = pathlib.Path(__file__).parent / "count"
    runs = int(count.read_text()) if count.exists() else 0
    count.write_text(str(runs + 1))
    if runs == 6:
        os._exit(9)
    if runs == 8:
        raise KeyboardInterrupt

"""
"""Kills its process in the seventh run, and interrupts it in the ninth."""


def test_trials_of_what_is_not_changed_are_said_to_be_none(project: Project) -> None:
    """A green session must not look like five of five."""
    recorded(project, {"answer": ""})

    run = project.run("--opswald-trials=5")

    assert run.outcomes == {"passed": 1}, run.report
    assert "--opswald-trials repeats only replays that change something" in run.report


def test_one_breach_of_an_invariant_is_red_at_once(project: Project) -> None:
    """No rate makes up for it, and no further trial is paid for."""
    project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    (golden,) = project.golden_paths
    rule = '{"forall": {"tool": "refund"}, "requires_before": {"tool": "lookup_order"}}'
    own = f'"expected_outcome": {{"invariants": [{rule}], '
    project.edit(f"goldens/{golden.name}", '"expected_outcome": {', own)
    project.talk(hasty_in_the_second_run())

    run = project.run(*SWAP, "--opswald-trials=9/10")

    assert run.outcomes == {"failed": 1}, run.report
    told = "1 of 2 trials passed (rule: 9 of 10); no trial may break invariants[0]"
    assert told in words_of(run)


def hasty_in_the_second_run() -> Callable[[Ask], Reply]:
    """A model that refunds without a look, once."""
    runs: list[Ask] = []

    def model(ask: Ask) -> Reply:
        if not ask.results:
            runs.append(ask)
            if len(runs) == 2:
                return Call("refund", order_id=42, amount=19.9)
        elif len(runs) == 2:
            return Say("Order 42 is refunded: 19.9 EUR arrive within 3 days.")
        return refund_model(ask)

    return model


def test_a_worker_that_dies_loses_no_finished_trial_and_none_is_paid_twice(
    project: Project,
) -> None:
    """The other test goes on; the next session takes up where the worker was."""
    recorded(project, {"first": "trials='4/4'", "second": "trials='4/4'"})
    project.edit(
        "agent.py", "def answer(question):", f"{MORTAL}\ndef answer(question):\n    live(question)"
    )

    crashed = project.run(*SWAP, "-n2")
    paid = live_runs(project)
    continued = project.run(*SWAP, "-n2")

    assert crashed.outcomes == {"passed": 1, "failed": 1}, crashed.report
    assert paid == {"first": 4, "second": 2}
    assert continued.outcomes == {"passed": 2}, continued.report
    assert live_runs(project)["second"] == 4
    assert "2 trials from an interrupted session counted" in words_of(continued)


MORTAL = """
import os, pathlib

def live(question):
    marks = pathlib.Path(__file__).parent / "marks"
    marks.open("a").write(question[0])
    if question == "second" and marks.read_text().count("s") == 3:
        os._exit(9)

"""
"""Kills its process in the third run of the second test."""


def test_trials_on_data_that_changed_since_are_not_counted(project: Project) -> None:
    """An interrupted session is continued where the rest is still the same, and says so."""
    recorded(project, {"first": "trials='3/3'"})
    (project.path / "facts.txt").write_text("42")
    project.edit(
        "agent.py", "def answer(question):", f"{READING}\ndef answer(question):\n    read()"
    )
    killed = project.run(*SWAP)
    (project.path / "facts.txt").write_text("41")

    again = project.run(*SWAP)

    assert (killed.result.ret, killed.provider_calls) == (9, 2)
    assert again.provider_calls == 3
    told = "2 trials from an interrupted session not counted: facts.txt changed since"
    assert told in words_of(again)


READING = """
import os, pathlib

runs = 0

def read():
    global runs
    runs += 1
    if pathlib.Path("facts.txt").read_text() == "42" and runs == 3:
        os._exit(9)

"""
"""Reads a file, and while that is as it was kills its process in the third run."""


def test_verifying_names_what_differs_between_two_replays(project: Project) -> None:
    """Twice offline: a stable test passes, a shaky one fails with step and span."""
    project.recorded(agent=AGENT, test=module_of({"steady": "", "shaky": ""}), script=faltering({}))
    project.edit("agent.py", '"content": question', '"content": shaken(question)')
    project.edit("agent.py", "def answer", f"{SHAKEN}\ndef answer")
    project.stop_provider()

    run = project.run("--opswald-verify")

    assert run.outcomes == {"passed": 1, "failed": 1}, run.report
    assert "test_steady" not in run.report
    assert (
        'trial 2 failed: unlike the first, step 2 llm_call gpt-5.2 · messages[0].content: "shaky" became "shaky 2"'
    ) in words_of(run)


SHAKEN = """
runs = 0

def shaken(question):
    global runs
    runs += question == "shaky"
    return f"{question} {runs}" if runs > 1 else question

"""
"""Says something else in the second run of one test."""


def test_each_trial_has_fresh_fixtures_and_what_is_no_trial_is_run_once(project: Project) -> None:
    """Wider fixtures live on; skipped, expected and broken tests report as they always do."""
    project.recorded(agent=AGENT, test=FIXTURES, script=faltering({}))
    for name, now in (("skip", "pytest.skip()"), ("expect", "pytest.xfail()"), ("check", "1 / 0")):
        project.edit("test_it.py", f"def {name}():\n    pass", f"def {name}():\n    {now}")

    run = project.run(*SWAP, "--opswald-trials=3/3", "-s")

    assert run.outcomes == {"passed": 2, "skipped": 1, "xfailed": 1, "errors": 1}, run.report
    told = [word for word in run.report.split() if word.startswith("fixture-")]
    assert told == ["fixture-wide-up", *["fixture-up", "fixture-down"] * 3, "fixture-wide-down"]
    assert live_runs(project) == {"fixtures": 3, "skipped": 1, "expected": 1, "broken": 1}


FIXTURES = """
import pytest
from agent import answer

def skip():
    pass

def expect():
    pass

def check():
    pass

@pytest.fixture(scope="module")
def wide():
    print("\\nfixture-wide-up")
    yield
    print("\\nfixture-wide-down")

@pytest.fixture
def narrow(wide):
    print("\\nfixture-up")
    yield
    print("\\nfixture-down")

@pytest.fixture
def broken():
    yield
    check()

def test_fixtures(narrow, opswald, tmp_path):
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    answer("fixtures")

def test_skipped(opswald):
    answer("skipped")
    skip()

def test_expected(opswald):
    answer("expected")
    expect()

def test_broken(broken, opswald):
    answer("broken")
"""
