"""Record, replay, notice a change: the main job, end to end."""

from __future__ import annotations

import pytest

from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project


@pytest.fixture
def recorded(project: Project) -> Project:
    """The refund agent with its golden, and a provider that has stopped."""
    project(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    run = project.run("--opswald-record")
    assert run.outcomes == {"passed": 1}, run.report
    project.stop_provider()
    return project


def test_recording_writes_a_golden_with_every_step(recorded):
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


def test_an_unmodified_replay_needs_neither_provider_nor_keys_nor_tools(recorded):
    """Everything comes from the golden, and tool results are those that were recorded."""
    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.tool_calls == 0
