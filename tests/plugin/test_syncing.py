"""Goldens and results on their way to a server, and runs that a server asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project
from tests.sync.ledger import Ledger

NAME = "test_it.py::test_refund"


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    with Ledger() as ledger:
        monkeypatch.setenv("OPSWALD_BASE_URL", ledger.url)
        monkeypatch.delenv("OPSWALD_API_KEY", raising=False)
        yield ledger


@pytest.fixture
def refund(project: Project) -> Project:
    return project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)


def test_recording_and_replaying_with_sync(project: Project, ledger: Ledger) -> None:
    """A recording sends its golden; a replay sends its result, and the golden not again."""
    project(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)

    recorded = project.run("--opswald-record", "--opswald-sync")
    replayed = project.run("--opswald-sync", "-n2")

    assert f"opswald: 1 item sent to {ledger.url}" in recorded.report
    assert ledger.names == [NAME]
    assert replayed.outcomes == {"passed": 1}, replayed.report
    (run,) = ledger.runs.values()
    (result,) = run["results"]
    assert (result["status"], result["actual"]["status"]) == ("passed", "completed")
    assert run["url"] in replayed.report
    assert ledger.written.count("POST /v1/traces") == 1


def test_failing_replay_with_sync(refund: Project, ledger: Ledger) -> None:
    """A red test is a failed result with what differs; the session is as red as without."""
    refund.edit("test_it.py", "Refund", "Send back")

    run = refund.run("--opswald-sync")

    assert run.outcomes == {"failed": 1}, run.report
    (told,) = ledger.runs.values()
    (result,) = told["results"]
    assert result["status"] == "failed"
    assert result["diff"]["steps"][0]["op"] == "changed"


def test_a_server_that_is_down_changes_no_verdict(refund: Project, ledger: Ledger) -> None:
    """The session ends as it would have; what could not be sent waits."""
    ledger.faults = ["html"]

    run = refund.run("--opswald-sync")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.result.ret == 0
    assert "2 items not sent" in run.report
    assert "send with: pytest-opswald sync" in run.report
    assert len(list((refund.path / ".opswald" / "outbox").glob("*.json"))) == 2


def test_a_run_of_the_server(refund: Project, ledger: Ledger) -> None:
    """The tests of the run are replayed as it asks, the others left out, the results sent."""
    ledger.create({"name": NAME, "trace_id": "trace_1"})
    ledger.create({"name": "elsewhere.py::test_other", "trace_id": "trace_2"})
    run_id = ledger.starts([NAME, "elsewhere.py::test_other"], model="gpt-5", timeout=600)
    refund({"test_more.py": "def test_more(): pass\n"})

    run = refund.run("--opswald-replay", "--opswald-run", run_id, "-n2")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.provider_calls == 3
    done, missing = ledger.runs[run_id]["results"]
    assert (done["status"], missing["status"]) == ("passed", "error")
    assert missing["error"]["type"] == "not_run"
    assert ledger.written == [f"POST /v1/golden-tests/runs/{run_id}/results"]


def test_a_run_that_is_over(refund: Project, ledger: Ledger) -> None:
    """Nothing is replayed for a run that waits for nobody."""
    ledger.create({"name": NAME, "trace_id": "trace_1"})
    ledger.runs[ledger.starts([NAME])]["status"] = "completed"

    run = refund.run("--opswald-run", "run_asked")

    assert run.outcomes == {}
    assert "run run_asked waits for no runner: it is completed" in run.report


def test_a_test_that_takes_too_long(refund: Project, ledger: Ledger) -> None:
    """Longer than the run allows is a timeout there, whatever pytest says."""
    ledger.create({"name": NAME, "trace_id": "trace_1"})
    run_id = ledger.starts([NAME], timeout=0.0001)

    refund.run("--opswald-run", run_id)

    (result,) = ledger.runs[run_id]["results"]
    assert result["status"] == "timeout"


def test_goldens_without_code_are_sent_too(refund: Project, ledger: Ledger) -> None:
    """A golden that is a test itself is a golden test with a result, like any other."""
    (refund.path / "pytest.ini").write_text("[pytest]\nopswald_goldens = goldens\n")
    for name in ("agent.py", "test_it.py"):
        (refund.path / name).unlink()

    run = refund.run("--opswald-sync")

    assert run.outcomes == {"passed": 1}, run.report
    assert ledger.names == [NAME]
    (told,) = ledger.runs.values()
    assert [result["status"] for result in told["results"]] == ["passed"]
