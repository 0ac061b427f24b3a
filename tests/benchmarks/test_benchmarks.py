"""The benchmarks run and tell what they found; how fast anything is, no test says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.__main__ import FAMILIES, main
from benchmarks.results import Results, Row, Table, at_least, at_most
from benchmarks.timing import interleaved


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_runs(family: str, tmp_path: Path) -> None:
    """At tiny sizes, and without the peers where they are not installed."""
    written = tmp_path / "README.md"

    main(["--quick", "--only", family, "--output", str(written)])

    assert "# Benchmarks" in written.read_text(encoding="utf-8")


def test_workloads_take_turns() -> None:
    """In every other round the order is turned round."""
    ran = []

    def workload(name: str, seconds: float) -> float:
        ran.append(name)
        return seconds

    times = interleaved(
        {"a": lambda: workload("a", 2.0), "b": lambda: workload("b", 1.0)}, rounds=3
    )

    assert ran == ["a", "b", "b", "a", "a", "b"]
    assert (times.ratio("a", "b"), times.more("a", "b")) == (2.0, 1.0)


def test_the_page_says_what_was_missed() -> None:
    """Each goal with its figure, missed ones in bold, and how many were met."""
    rows = [at_most("R1", "per call", 1.1, 1.25), at_least("S1", "faster", 1.6, 1.8), Row("", "x")]
    table = Table("Idle plugins", ("loaded", "more"), (("syrupy", "+85 ms"),), "Each alone.")

    text = page.page([Results(rows, [table])], machine="2 cores.", seconds=90)

    assert "1 of 2 met." in text
    assert "| R1 | per call | ≤ 1.1x | 1.25x | **no** |  |" in text
    assert "| syrupy | +85 ms |" in text
