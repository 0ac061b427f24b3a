"""The suite gate on real runs: one pipeline as the baseline, another as the candidate.

The corpus holds one run of a task by each pipeline, so the golden of a task is a run of a third
pipeline that solved it. Baseline and candidate are judged against it by contract, and the suite by
the pairs of verdicts: red where a drop is proven.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from pytest_opswald.stats.paired import mcnemar
from pytest_opswald.stats.suite import ALPHA, LEAST_GOLDENS
from tests.corpus.agent_runs import LabelledRun

from .gates import contract

Pipeline = tuple[str, str]
"""Name and model."""
Task = tuple[str, int]

LARGE = 0.3
"""Drop of the share of solved tasks that no suite may miss."""
EQUAL = 0.05
"""Change of that share that no suite should cry out about."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate against a baseline."""

    drop: float
    """How many tasks fewer are really solved, as a share."""
    is_red: bool
    any_red: bool
    """Whether the usual rule is red: some golden that was green is red now."""


def comparisons(runs: Iterable[LabelledRun]) -> Iterator[Comparison]:
    """Every ordered pair of pipelines over the tasks for which there is a golden."""
    by_pipeline: dict[Pipeline, dict[Task, LabelledRun]] = defaultdict(dict)
    for run in runs:
        by_pipeline[run.pipeline, run.model][run.suite, run.task] = run
    judged = _Judged(by_pipeline)
    for baseline, candidate in permutations(by_pipeline, 2):
        yield from judged.compared(baseline, candidate)


class _Judged:
    """Verdicts, made once each."""

    def __init__(self, by_pipeline: Mapping[Pipeline, Mapping[Task, LabelledRun]]) -> None:
        self._runs = by_pipeline
        self._verdicts: dict[tuple[int, int], bool] = {}

    def compared(self, baseline: Pipeline, candidate: Pipeline) -> Iterator[Comparison]:
        pairs = list(self._pairs(baseline, candidate))
        if len(pairs) < LEAST_GOLDENS:
            return
        worse = sum(before and not now for _, before, now in pairs)
        better = sum(now and not before for _, before, now in pairs)
        solved = sum(
            self._runs[baseline][task].is_solved - self._runs[candidate][task].is_solved
            for task, _, _ in pairs
        )
        yield Comparison(
            drop=solved / len(pairs),
            is_red=mcnemar(worse, better) < ALPHA,
            any_red=worse > 0,
        )

    def _pairs(self, *two: Pipeline) -> Iterator[tuple[Task, bool, bool]]:
        for task in self._runs[two[0]]:
            golden = self._golden(task, two)
            if golden and all(task in self._runs[one] for one in two):
                before, now = (self._is_green(golden, self._runs[one][task]) for one in two)
                yield task, before, now

    def _golden(self, task: Task, besides: Sequence[Pipeline]) -> LabelledRun | None:
        others = (
            runs[task] for one, runs in self._runs.items() if one not in besides and task in runs
        )
        return next((run for run in others if run.is_solved), None)

    def _is_green(self, golden: LabelledRun, run: LabelledRun) -> bool:
        key = (id(golden), id(run))
        if key not in self._verdicts:
            self._verdicts[key] = not contract(golden, run)
        return self._verdicts[key]


def table(found: Sequence[Comparison]) -> Iterator[str]:
    """Rows of the README."""
    kinds = {
        f"solved {LARGE:.0%} of the tasks less or worse": lambda c: c.drop >= LARGE,
        "in between": lambda c: EQUAL < c.drop < LARGE,
        f"within {EQUAL:.0%}": lambda c: abs(c.drop) <= EQUAL,
        "better": lambda c: c.drop < -EQUAL,
    }
    yield "| what really changed | comparisons | suite gate red | any golden newly red |"
    yield "|---|---|---|---|"
    for name, is_kind in kinds.items():
        kind = [one for one in found if is_kind(one)]
        red = sum(one.is_red for one in kind) / max(len(kind), 1)
        usual = sum(one.any_red for one in kind) / max(len(kind), 1)
        yield f"| {name} | {len(kind)} | {red:.1%} | {usual:.1%} |"
