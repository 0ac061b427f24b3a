"""What a verdict is worth, on real runs that are labelled: see `benchmarks/verdicts`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.verdicts.gates import contract, serves
from benchmarks.verdicts.pairs import Rates, Tasks, by_task, measured, pairs
from benchmarks.verdicts.suites import EQUAL, LARGE, comparisons
from pytest_opswald.engine.cache import ToolCache
from pytest_opswald.trace.steps import ToolCall, ToolResult
from tests.corpus.agent_runs import read_labelled


@pytest.fixture(scope="module")
def odd_tasks(corpus: Path) -> Tasks:
    """Those that no rule was tuned on."""
    return by_task(run for run in read_labelled(corpus) if run.task % 2)


@pytest.fixture(scope="module")
def rates(odd_tasks: Tasks) -> dict[str, Rates]:
    return measured(odd_tasks, contract)


@pytest.mark.parametrize(
    ("change", "false_alarms", "catch"),
    [("model", 0.15, 0.94), ("pipeline", 0.11, 0.89), ("variants", 0.08, 0.93)],
)
def test_a_contract_tells_broken_runs_from_good_ones(
    rates: dict[str, Rates], change: str, false_alarms: float, catch: float
) -> None:
    """Most broken candidates are flagged, few good ones."""
    measured_rates = rates[change]

    assert measured_rates.false_alarms <= false_alarms
    assert measured_rates.catch >= catch


def test_a_suite_gate_sees_large_drops_and_little_else(corpus: Path) -> None:
    """Every large real drop is red; comparisons where nothing really changed hardly ever are."""
    found = list(comparisons(read_labelled(corpus)))

    assert all(one.is_red for one in found if one.drop >= LARGE)
    near = [one.is_red for one in found if abs(one.drop) <= EQUAL]
    assert sum(near) / len(near) <= 0.05


def test_structural_misses_serve_most_runs_whole(odd_tasks: Tasks) -> None:
    """Over half of the runs of another model find every tool result in one golden."""
    swapped = [(g, c) for task in odd_tasks for g, c in pairs(task) if g.model != c.model]

    served = sum(serves([golden], candidate, structural=True) for golden, candidate in swapped)

    assert served / len(swapped) >= 0.6


def test_reordered_calls_get_their_own_results(odd_tasks: Tasks) -> None:
    """Whatever the order, equal arguments get the results that were recorded for them."""
    shuffled = random.Random(7)
    for run in (run for task in odd_tasks for run in task):
        calls = [step.input for step in run.trace.steps if isinstance(step, ToolCall)]
        results = [step.output for step in run.trace.steps if isinstance(step, ToolResult)]
        recorded = [
            (call.tool, call.arguments, result) for call, result in zip(calls, results, strict=True)
        ]
        cache = ToolCache(run.trace.steps)
        order = shuffled.sample(range(len(calls)), len(calls))

        for place in order:
            found = cache.equal(calls[place])

            assert found
            own = (calls[place].tool, calls[place].arguments, found.result.output)
            assert own in recorded
