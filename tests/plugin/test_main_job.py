"""Record, replay, notice a change: the main job, end to end."""

from __future__ import annotations

import json

import pytest

from local_provider import Reply, Say
from pytest_opswald.trace.steps import LlmCall
from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project


@pytest.fixture
def recorded(project: Project) -> Project:
    """The refund agent with its golden, and a provider that has stopped."""
    project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    project.stop_provider()
    return project


def test_recording_writes_a_golden_with_every_step(recorded: Project) -> None:
    """One run of the agent becomes an ordered trace of what it asked, did and said."""
    trace = recorded.golden().trace

    assert [step.type for step in trace.steps] == [
        "user_input",
        "llm_call",
        "tool_call",
        "tool_result",
        "tool_call",
        "tool_result",
        "llm_call",
        "tool_call",
        "tool_result",
        "llm_call",
        "response",
    ]
    assert trace.final_message == "Refunded 19.9 EUR for order 42."
    assert trace.total_tokens.input > 0
    assert trace.total_cost > 0


def test_an_unmodified_replay_needs_neither_provider_nor_keys_nor_tools(
    recorded: Project,
) -> None:
    """Everything comes from the golden: no LLM call, no tool, no key."""
    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.tool_calls == 0
    assert "1 golden replayed (1 passed), 3 LLM calls served, 0 live" in run.report


def test_tool_results_come_back_to_the_byte(recorded: Project) -> None:
    """A time and a uuid in a result are those that were recorded: requests are equal throughout."""
    recorded.edit(
        "chat.py",
        "        answer = ",
        """
        with open("sent.jsonl", "a") as sent:
            sent.write(json.dumps(asked) + "\\n")
        answer = """,
    )
    recorded.edit("chat.py", "import os", "import json, os")

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"passed": 1}, run.report
    sent = [json.loads(line) for line in (recorded.path / "sent.jsonl").read_bytes().splitlines()]
    calls = [step for step in recorded.golden().trace.steps if isinstance(step, LlmCall)]
    assert sent == [call.http.request for call in calls if call.http]


def test_without_a_flag_a_test_replays_its_golden(recorded: Project) -> None:
    """A bare pytest is offline."""
    run = recorded.run()

    assert run.outcomes == {"passed": 1}, run.report
    assert run.tool_calls == 0


def test_without_a_golden_a_test_fails_with_the_command_that_records_it(project: Project) -> None:
    """Nothing goes live unasked, and nothing runs."""
    project(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)

    run = project.run()

    assert run.outcomes == {"failed": 1}
    assert run.provider_calls == run.tool_calls == 0
    assert "pytest test_it.py::test_refund --opswald-record" in run.report


def test_a_failing_test_writes_no_golden(project: Project) -> None:
    """Only a passing test is worth keeping."""
    failing = f"{REFUND_TEST}    assert False, 'no good'\n"
    project(agent=REFUND_AGENT, test=failing, script=refund_model)

    run = project.run("--opswald-record")

    assert run.outcomes == {"failed": 1}
    assert project.golden_paths == []


def test_a_failing_teardown_writes_no_golden(project: Project) -> None:
    """The whole test must pass, its fixtures too."""
    fixture = """
import pytest

@pytest.fixture
def shaky():
    yield
    raise RuntimeError("shaky")
"""
    test = fixture + REFUND_TEST.replace("(opswald)", "(shaky, opswald)")
    project(agent=REFUND_AGENT, test=test, script=refund_model)

    run = project.run("--opswald-record")

    assert run.outcomes == {"passed": 1, "errors": 1}
    assert project.golden_paths == []


def test_recording_what_is_missing_replays_the_rest(recorded: Project) -> None:
    """--opswald-record alone pays only for tests without a golden."""
    recorded.talk(refund_model)
    before = recorded.golden_paths[0].read_bytes()
    recorded.edit(
        "test_it.py",
        "def test_refund",
        "def test_new(opswald):\n    answer('Refund!')\n\ndef test_refund",
    )

    run = recorded.run("--opswald-record")

    assert run.outcomes == {"passed": 2}, run.report
    assert run.provider_calls == 3
    assert len(recorded.golden_paths) == 2
    assert before in [path.read_bytes() for path in recorded.golden_paths]


def test_recording_all_again_keeps_what_was_written_by_hand(recorded: Project) -> None:
    """A hand-edited expectation survives, a merely recorded one follows."""
    (path,) = recorded.golden_paths
    data = json.loads(path.read_text())
    data["expected_outcome"]["budgets"] = {"llm_calls": 3}
    path.write_text(json.dumps(data))
    recorded.talk(lambda ask: _louder(refund_model(ask)))

    run = recorded.run("--opswald-record=all")

    assert run.outcomes == {"passed": 1}, run.report
    expected = recorded.golden().expected_outcome.model_dump(mode="json")
    assert expected["budgets"] == {"llm_calls": 3}
    assert expected["final_message"] == "REFUNDED 19.9 EUR FOR ORDER 42."


def test_recording_the_changed_leaves_equal_runs_alone(recorded: Project) -> None:
    """Fresh ids and times are no reason to rewrite a golden."""
    (path,) = recorded.golden_paths
    before = path.read_bytes()
    recorded.talk(refund_model)

    run = recorded.run("--opswald-record=changed")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.provider_calls == 3
    assert path.read_bytes() == before
    assert "1 golden unchanged" in run.report


def _louder(reply: Reply) -> Reply:
    return Say(reply.text.upper()) if isinstance(reply, Say) else reply
