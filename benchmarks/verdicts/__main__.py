"""The tables of README.md: `OPSWALD_CORPUS=... python -m benchmarks.verdicts [DIALOGUES...]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.corpus.agent_runs import LabelledRun, read_labelled

from . import mutants
from .dialogues import read_dialogues
from .gates import GATES, serves
from .pairs import Rates, Tasks, by_task, measured, pairs
from .suites import comparisons, table


def main(*files: str) -> None:
    if files:
        _show_halves([run for file in files for run in read_dialogues(Path(file))])
        return
    runs = list(read_labelled(Path(os.environ["OPSWALD_CORPUS"])))
    _show_halves(runs)
    even = [run for run in runs if run.task % 2 == 0]
    for line in (
        *("", "suites of all tasks", "", *table(list(comparisons(runs)))),
        *("", "mutants of solved runs of even tasks", "", *mutants.table(even)),
    ):
        sys.stdout.write(f"{line}\n")


def _show_halves(runs: Sequence[LabelledRun]) -> None:
    for name, remainder in (("even tasks (tuned on)", 0), ("odd tasks", 1)):
        tasks = by_task(run for run in runs if run.task % 2 == remainder)
        for line in ("", name, "", *_gates(tasks), "", *_served(tasks)):
            sys.stdout.write(f"{line}\n")


def _gates(tasks: Tasks) -> Iterator[str]:
    yield "| gate | another model | another pipeline | another model, three variants |"
    yield "|---|---|---|---|"
    for name, red in GATES.items():
        rates = measured(tasks, red).values()
        cells = (_cell(rate) for rate in rates)
        yield f"| {name} | {' | '.join(cells)} |"


def _cell(rates: Rates) -> str:
    return f"{rates.false_alarms:.1%} / {rates.catch:.1%}" if rates.all else "-"


def _served(tasks: Tasks) -> Iterator[str]:
    swapped = [(g, c) for task in tasks for g, c in pairs(task) if g.model != c.model]
    if not swapped:
        return
    yield "| tool results from one golden | runs of another model served whole |"
    yield "|---|---|"
    for name, structural in (("equal arguments", False), ("structural misses too", True)):
        served = sum(serves([g], c, structural=structural) for g, c in swapped)
        yield f"| {name} | {served / len(swapped):.1%} |"


if __name__ == "__main__":
    main(*sys.argv[1:])
