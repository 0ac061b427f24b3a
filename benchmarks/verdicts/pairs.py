"""Golden and candidate: a run that solved its task, and another run of that task."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.corpus.agent_runs import LabelledRun

Red = Callable[[LabelledRun, LabelledRun], bool]
"""Whether a gate flags the candidate (second) that is held against the golden (first)."""
Tasks = Sequence[Sequence[LabelledRun]]
VARIANTS = 3


@dataclass
class Rates:
    """How a gate did: flagged and all, by whether the candidate solved its task."""

    flagged: Counter[bool] = field(default_factory=Counter)
    all: Counter[bool] = field(default_factory=Counter)

    def count(self, *, is_solved: bool, is_red: bool) -> None:
        self.all[is_solved] += 1
        self.flagged[is_solved] += is_red

    @property
    def false_alarms(self) -> float:
        """Share of the good candidates that are flagged."""
        return self.flagged[True] / max(self.all[True], 1)

    @property
    def catch(self) -> float:
        """Share of the broken candidates that are flagged."""
        return self.flagged[False] / max(self.all[False], 1)


def by_task(runs: Iterable[LabelledRun]) -> Tasks:
    tasks: dict[tuple[str, int], list[LabelledRun]] = defaultdict(list)
    for run in runs:
        tasks[run.suite, run.task].append(run)
    return list(tasks.values())


def pairs(task: Sequence[LabelledRun]) -> Iterator[tuple[LabelledRun, LabelledRun]]:
    for golden in task:
        if golden.is_solved:
            yield from ((golden, candidate) for candidate in task if candidate is not golden)


def measured(tasks: Tasks, red: Red) -> dict[str, Rates]:
    """Rates of one golden for a swapped model, for another pipeline, and of several variants."""
    rates = {"model": Rates(), "pipeline": Rates(), "variants": Rates()}
    for task in tasks:
        verdicts = {(id(g), id(c)): red(g, c) for g, c in pairs(task)}
        for golden, candidate in pairs(task):
            change = "pipeline" if golden.model == candidate.model else "model"
            is_red = verdicts[id(golden), id(candidate)]
            rates[change].count(is_solved=candidate.is_solved, is_red=is_red)
        for accepted, candidate in _with_variants(task):
            is_red = all(verdicts[id(golden), id(candidate)] for golden in accepted)
            rates["variants"].count(is_solved=candidate.is_solved, is_red=is_red)
    return rates


def _with_variants(
    task: Sequence[LabelledRun],
) -> Iterator[tuple[list[LabelledRun], LabelledRun]]:
    """Each solved run with the next two, against runs of models that none of the three has."""
    solved = [run for run in task if run.is_solved]
    if len(solved) < VARIANTS:
        return
    for place in range(len(solved)):
        accepted = [solved[(place + more) % len(solved)] for more in range(VARIANTS)]
        models = {run.model for run in accepted}
        yield from ((accepted, run) for run in task if run.model not in models)
