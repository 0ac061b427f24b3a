"""How many planted faults are caught, and how many harmless changes let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.trace import Trace
from tests.corpus.agent_runs import LabelledRun

from .edits import Mutation
from .faults import FAULTS
from .gates import breaks
from .harmless import HARMLESS


def red(runs: Iterable[LabelledRun], mutation: Mutation) -> tuple[int, int]:
    """How many mutants of these runs are red by contract, and how many there are."""
    verdicts = [_is_red(*pair) for run in runs if run.is_solved for pair in mutation(run.trace)]
    return sum(verdicts), len(verdicts)


def table(runs: Iterable[LabelledRun]) -> Iterator[str]:
    kept = [run for run in runs if run.is_solved]
    yield from _rows("planted fault", "caught", kept, FAULTS)
    yield ""
    yield from _rows("harmless change", "red", kept, HARMLESS)


def _rows(
    kind: str, told: str, runs: Iterable[LabelledRun], mutations: Mapping[str, Mutation]
) -> Iterator[str]:
    yield f"| {kind} | {told} | of |"
    yield "|---|---|---|"
    for name, mutation in mutations.items():
        found, all_of = red(runs, mutation)
        if all_of:
            yield f"| {name} | {found / all_of:.1%} | {all_of} |"


def _is_red(golden: Trace, mutant: Trace) -> bool:
    return breaks(Golden(name="golden", test="test", trace=golden), mutant)
