"""The gates that are compared: those most tools have, and ours."""

from __future__ import annotations

from collections import Counter
from functools import cache

from pytest_opswald.diff.outcome import Judging
from pytest_opswald.engine.cache import ToolCache
from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import ToolCall, ToolInput
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import canonical
from tests.corpus.agent_runs import LabelledRun

from .pairs import Red

EFFECTS = Effects()
"""Guessed from the names of the tools."""


def contract(golden: LabelledRun, candidate: LabelledRun) -> bool:
    """What a replay with a live model is judged by."""
    return breaks(_golden(golden), candidate.trace)


def breaks(golden: Golden, run: Trace) -> bool:
    """Whether a run does not hold what its golden is a contract for."""
    judging = Judging(golden, golden.trace, run, "contract", EFFECTS)
    return any(check.verdict == "fail" for check in judging.checks())


def strict(golden: LabelledRun, candidate: LabelledRun) -> bool:
    """The same calls in the same order."""
    return _calls(golden) != _calls(candidate)


def unordered(golden: LabelledRun, candidate: LabelledRun) -> bool:
    """The same calls in any order."""
    return Counter(_calls(golden)) != Counter(_calls(candidate))


def superset(golden: LabelledRun, candidate: LabelledRun) -> bool:
    """The golden's calls, and others perhaps."""
    return not Counter(_calls(golden)) <= Counter(_calls(candidate))


GATES: dict[str, Red] = {
    "strict": strict,
    "unordered": unordered,
    "superset": superset,
    "contract": contract,
}


def serves(accepted: list[LabelledRun], candidate: LabelledRun, *, structural: bool) -> bool:
    """Whether every tool call of a candidate gets a recorded result."""
    cache_of = ToolCache(*(run.trace.steps for run in accepted))
    for step in candidate.trace.steps:
        if isinstance(step, ToolCall):
            asked = ToolInput(tool=step.input.tool, arguments=step.input.arguments)
            found = cache_of.equal(asked) or (structural and cache_of.structural(asked))
            if not found:
                return False
    return True


@cache
def _golden(run: LabelledRun) -> Golden:
    return Golden(name=run.name, test=run.name, trace=run.trace)


def _calls(run: LabelledRun) -> list[str]:
    return [
        canonical([step.input.tool, step.input.arguments])
        for step in run.trace.steps
        if isinstance(step, ToolCall)
    ]
