"""Planted faults are caught, harmless changes let through: see `benchmarks/verdicts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.verdicts.faults import FAULTS
from benchmarks.verdicts.harmless import HARMLESS
from benchmarks.verdicts.mutants import red
from tests.corpus.agent_runs import LabelledRun, read_labelled

EVERY = 5
"""One solved run in so many is changed."""
LENIENT = {
    "values of two calls exchanged": 0.1,
    "all of its several figures changed": 0.05,
    "one of its several figures changed": 0.0,
    "a refusal for an answer": 0.5,
}
"""What is caught at least of faults that wording may hide."""


@pytest.fixture(scope="module")
def sample(corpus: Path) -> list[LabelledRun]:
    """Of the even tasks, by which rules were chosen."""
    runs = [run for run in read_labelled(corpus) if run.is_solved and run.task % 2 == 0]
    return runs[::EVERY]


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_caught(sample: list[LabelledRun], fault: str) -> None:
    """Nearly all of them, but for those that wording may hide."""
    found, all_of = red(sample, FAULTS[fault])

    assert all_of
    assert found / all_of >= LENIENT.get(fault, 0.93)


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_changes_are_let_through(sample: list[LabelledRun], change: str) -> None:
    """All of them."""
    found, all_of = red(sample, HARMLESS[change])

    assert all_of
    assert found == 0
