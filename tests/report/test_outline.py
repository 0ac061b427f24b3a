"""What a snapshot of a run holds."""

from __future__ import annotations

import itertools

import pytest

from pytest_opswald.report.outline import outcome, trajectory
from pytest_opswald.trace.steps import (
    Decision,
    Error,
    Response,
    StepError,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
    UserInput,
)
from pytest_opswald.trace.trace import Trace
from tests.report.refund import FINAL, RECORDED, llm, tool, wants


def in_flight(name, result, *, group=1, **arguments):
    call, ended = tool(name, result, **arguments)
    return [call.model_copy(update={"group": group}), ended]


def test_a_trajectory_is_a_line_a_step():
    """Who said what, and what the tools gave back."""
    assert trajectory(RECORDED) == (
        'user: "Refund order 42"\n'
        "gpt-5.2 → lookup_order(order_id=42)\n"
        'tool lookup_order(order_id=42) = {"total": 19.9}\n'
        "gpt-5.2 → refund(order_id=42, amount=19.9)\n"
        'tool refund(order_id=42, amount=19.9) = "ok"\n'
        'gpt-5.2 "I refunded 19.90 EUR for order 42 to your card."\n'
        'response: "I refunded 19.90 EUR for order 42 to your card."\n'
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_what_was_in_flight_together_has_one_order(order):
    """Whichever tool the scheduler began first, the snapshot is the same."""
    together = [
        in_flight("lookup", 1, id=1),
        in_flight("lookup", 2, id=2),
        in_flight("policy", 3),
    ]
    steps = [step for index in order for step in together[index]]

    assert trajectory(Trace.of(steps)) == (
        "tool lookup(id=1) = 1\ntool lookup(id=2) = 2\ntool policy() = 3\n"
    )


def test_what_happened_inside_a_tool_moves_with_it():
    """A tool that asks an LLM keeps its inner steps below it, however the race ends."""
    outer = ToolCall(input=ToolInput(tool="outer"), span_id="s", group=1)
    inner = llm("inside").model_copy(update={"parent_span_id": "s"})
    ended = ToolResult(input=ToolResultInput(tool="outer"), output=ToolOutput(result=1))
    nested = [outer, inner, ended]
    other = in_flight("other", 2)

    one = trajectory(Trace.of([*nested, *other]))

    assert one == 'tool other() = 2\ntool outer() = 1\n  gpt-5.2 "inside"\n'
    assert trajectory(Trace.of([*other, *nested])) == one


def test_steps_one_after_the_other_keep_their_order():
    """Only what was in flight together is sorted."""
    steps = [*tool("second", 1), *tool("first", 2)]

    assert trajectory(Trace.of(steps)) == "tool second() = 1\ntool first() = 2\n"


def test_results_find_their_call_by_id():
    """Two calls of one tool that ended in the other order are not mixed up."""
    calls = [
        ToolCall(input=ToolInput(tool="f", arguments={"n": n}, tool_call_id=f"call_{n}"))
        for n in (1, 2)
    ]
    results = [
        ToolResult(
            input=ToolResultInput(tool="f", tool_call_id=f"call_{n}"), output=ToolOutput(result=n)
        )
        for n in (2, 1)
    ]

    assert trajectory(Trace.of([*calls, *results])) == "tool f(n=1) = 1\ntool f(n=2) = 2\n"


def test_values_that_change_from_run_to_run_are_renamed():
    """Two runs at other times with other ids give the same snapshot."""

    def run(uuid, time):
        return Trace.of([UserInput(message=f"job {uuid}"), *tool("start", {"at": time}, job=uuid)])

    first = run("0b5cd9ad-6a2c-4a4d-9c5f-0d6f4f0f7a11", "2026-11-21T08:00:00Z")
    second = run("e7a2f0f6-3b1e-4d5a-8c53-1f2d3c4b5a69", "2027-01-01T09:30:00Z")

    assert trajectory(first) == trajectory(second)
    assert "job ‹uuid:1›" in trajectory(first)


def test_long_lines_are_cut_and_say_how_long_they_were():
    """A page of text is one line to review, and still differs when its length does."""
    line = trajectory(Trace.of([UserInput(message="x" * 3000)]))

    assert line == f'user: "{"x" * 193}… (3,008 characters)\n'


def test_other_steps_are_named_by_their_kind():
    """Decisions, errors and the rest of what was told by hand have lines too."""
    steps = [
        Decision(output={"decision_kind": "route", "decision": "billing"}),
        Error(error=StepError(type="timeout", message="30 s")),
    ]

    assert trajectory(Trace.of(steps)) == 'decision route: "billing"\nerror timeout: 30 s\n'


def test_an_outcome_is_what_the_run_came_to():
    """Status, message, models and counts; no structured output where there was none."""
    assert outcome(RECORDED) == {
        "status": "completed",
        "final_message": FINAL,
        "models": ["gpt-5.2"],
        "llm_calls": 3,
        "tool_calls": {"lookup_order": 1, "refund": 1},
    }


def test_a_structured_output_is_part_of_the_outcome():
    """What the agent gave back beside text."""
    steps = [llm(calls=wants("f")), Response(structured_output={"total": 19.9})]

    assert outcome(Trace.of(steps))["structured_output"] == {"total": 19.9}
