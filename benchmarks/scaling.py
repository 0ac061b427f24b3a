"""R6 and beyond: the same calls, answered by others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from .peers import PACKAGES, is_installed
from .results import Results, Row, Table, at_most, milliseconds
from .timing import Effort, say

TITLES = {
    "vcrpy": "vcrpy",
    "vcrpy_by_body": "vcrpy matching the body",
    "cassetter": "cassetter matching the body",
    "respx": "respx, a route per call",
    "agent_replay": "agent-replay-py",
}
Told = Mapping[str, Any]
"""What the process of a peer has measured."""


def measured(folder: Path, effort: Effort) -> Results:
    told = {name: _told_by(name, folder, effort) for name in PACKAGES if is_installed(name)}
    if not told:
        return Results([Row("R6", "against others", measured="none is installed")])
    return Results(_rows(told), [_per_call(told), _per_test(told)])


def _told_by(name: str, folder: Path, effort: Effort) -> Told:
    """Measured in a process of its own, as these tools replace each other's patches."""
    say(f"R6 {TITLES[name]}")
    own = folder / name
    own.mkdir()
    options = effort.of([], ["--quick"])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", name, str(own), *options],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: Told = json.loads(done.stdout)
    return told


def _rows(told: Mapping[str, Told]) -> list[Row]:
    if "vcrpy" not in told:
        return []
    test = told["vcrpy"]["test"]
    what = "10 calls end to end, against vcrpy"
    detail = f"{milliseconds(test['opswald'])}, vcrpy {milliseconds(test['peer'])}"
    return [at_most("R6", what, 0.5, test["opswald_to_peer"], detail=detail)]


def _per_call(told: Mapping[str, Told]) -> Table:
    sizes = sorted({size for each in told.values() for size in each["calls"]}, key=int)
    ours = (
        median(each["calls"][size]["opswald"] for each in told.values() if size in each["calls"])
        for size in sizes
    )
    rows = [("pytest-opswald", *(f"{ratio:.2f}x" for ratio in ours))]
    rows += [(TITLES[n], *(_cell(each, size) for size in sizes)) for n, each in told.items()]
    return Table(
        "Replay per call, in multiples of the SDK on an in-memory transport",
        ("answered by", *(f"{int(size):,} calls" for size in sizes)),
        tuple(rows),
        "-: a run of that size would take too long.",
    )


def _cell(told: Told, size: str) -> str:
    if size in told["calls"]:
        return f"{told['calls'][size]['peer']:.2f}x"
    return "fails" if str(told["fails"]) == size else "-"


def _per_test(told: Mapping[str, Told]) -> Table:
    return Table(
        "10 calls end to end: load, client, calls, verdict",
        ("tool", "takes", "pytest-opswald, same process", "ratio"),
        tuple(_test_row(TITLES[name], each["test"]) for name, each in told.items()),
    )


def _test_row(title: str, test: Mapping[str, float]) -> tuple[str, ...]:
    mine, theirs = milliseconds(test["opswald"]), milliseconds(test["peer"])
    return title, theirs, mine, f"{test['opswald_to_peer']:.2f}x"
