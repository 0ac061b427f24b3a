"""V1 and V2, and what they rest on; all on SQLite."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results import Results
from benchmarks.timing import Effort

from . import ingesting, reading, room


def measured(folder: Path, effort: Effort) -> Results:
    pages, lists = reading.measured(folder, effort)
    rows = [*ingesting.measured(folder, effort), *pages, room.measured(folder, effort)]
    return Results(rows, [lists])
