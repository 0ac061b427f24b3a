"""Real agent runs compare as they should: with themselves, and with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Difference
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult
from pytest_opswald.trace.trace import Trace
from tests.corpus.agent_runs import read_runs

Runs = list[tuple[str, Trace]]
EVERY = 25
"""One run in so many is changed in all its places; each is compared once per place."""


@pytest.fixture(scope="module")
def runs(corpus: Path) -> Runs:
    return list(read_runs(corpus))


def changed(recorded: Trace, steps: list[Step]) -> Difference:
    golden = Golden(name="golden", test="test", trace=recorded)
    return compare(golden, Trace.of(steps), profile="exact")


def where(found: Difference) -> list[tuple[Reason | None, int]]:
    """Code and golden step number of every row that gates; of the run where it is extra."""
    rows = [row for row in found.changed if row.gates]
    return [(row.code, (row.golden or row.actual).step_number) for row in rows]


def test_all_runs_compare_equal_to_themselves(runs: Runs) -> None:
    """1,036 runs, each against an own copy: 0 differences, nothing fails."""
    found = [(name, changed(run, [step.model_copy() for step in run.steps])) for name, run in runs]

    assert len(found) == 1036
    assert [name for name, difference in found if difference.changed or difference.failed] == []


def test_one_changed_argument_is_told_at_its_step(runs: Runs) -> None:
    """ARG_CHANGED at that step, and nothing else."""
    for name, run in runs[::EVERY]:
        steps = list(run.steps)
        for index, step in places(run, ToolCall):
            if step.input.arguments:
                mutated = [*steps[:index], with_other_argument(step), *steps[index + 1 :]]

                found = where(changed(run, mutated))

                assert found == [(Reason.ARG_CHANGED, index + 1)], f"{name} step {index + 1}"


def test_one_swapped_pair_of_calls_is_told_at_its_step(runs: Runs) -> None:
    """Calls of different turns that swap places are TOOL_ORDER, the first at that step."""
    for name, run in runs[::EVERY]:
        for index, later in sequential_calls(run):
            steps = list(run.steps)
            steps[index : index + 2], steps[later : later + 2] = (
                steps[later : later + 2],
                steps[index : index + 2],
            )

            found = where(changed(run, steps))

            assert {code for code, _ in found} == {Reason.TOOL_ORDER}, f"{name} step {index + 1}"
            assert found[0][1] == index + 1, f"{name} step {index + 1}"


def test_one_dropped_step_is_told_at_its_step(runs: Runs) -> None:
    """TOOL_MISSING for a call, STEP_MISSING for any other, at that step, and nothing else."""
    for name, run in runs[::EVERY]:
        steps = list(run.steps)
        for index, step in places(run, object):
            code = Reason.TOOL_MISSING if isinstance(step, ToolCall) else Reason.STEP_MISSING

            found = where(changed(run, [*steps[:index], *steps[index + 1 :]]))

            assert found == [(code, index + 1)], f"{name} step {index + 1}"


def places(run: Trace, kind: type) -> Iterator[tuple[int, Step]]:
    """Steps of a kind; of equal calls in one turn, which have no order, none."""
    turn = 0
    seen: dict[tuple[int, str], int] = {}
    keys = []
    for step in run.steps:
        turn += isinstance(step, LlmCall)
        tool = isinstance(step, ToolCall | ToolResult)
        said = step.model_dump_json(include={"input", "type"}) if tool else f"{len(keys)}"
        keys.append((turn, without_id(said)))
        seen[keys[-1]] = seen.get(keys[-1], 0) + 1
    for index, step in enumerate(run.steps):
        if isinstance(step, kind) and seen[keys[index]] == 1:
            yield index, step


def without_id(said: str) -> str:
    return said.partition('"tool_call_id"')[0]


def with_other_argument(step: ToolCall) -> ToolCall:
    name, value = next(iter(step.input.arguments.items()))
    arguments = {**step.input.arguments, name: f"{value} and more"}
    return step.model_copy(update={"input": step.input.model_copy(update={"arguments": arguments})})


def sequential_calls(run: Trace) -> Iterator[tuple[int, int]]:
    """Places of two calls, one after the other, in different turns and not the same."""
    calls = [
        index
        for index, (step, after) in enumerate(pairwise(run.steps))
        if isinstance(step, ToolCall) and isinstance(after, ToolResult)
    ]
    for index, later in pairwise(calls):
        turns = [step for step in run.steps[index:later] if isinstance(step, LlmCall)]
        one, other = run.steps[index].input, run.steps[later].input
        if turns and (one.tool, one.arguments) != (other.tool, other.arguments):
            yield index, later
