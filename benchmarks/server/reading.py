"""V2: a page takes as long whether few or many traces are stored. Lists, filters, sums, long traces."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.results import Row, Table, at_most, milliseconds
from benchmarks.timing import Effort, Times, Workload, interleaved, say

from .bulk import filled
from .load import Address, get, post, seconds
from .process import serving
from .said import MODELS, trace

STEPS = 10
LONG = "trace_long"
PAGE = "/v1/traces?limit=50"
ASKED = {
    "the newest 50 traces": PAGE,
    "50 of one model": f"{PAGE}&model={MODELS[1]}",
    "50 with one tag": f"{PAGE}&tag=nightly",
    "usage of 30 days": "/v1/analytics/usage?period=30d",
    "cost of 30 days": "/v1/analytics/cost?period=30d",
}


def measured(folder: Path, effort: Effort) -> tuple[list[Row], Table]:
    few, many = effort.of(1_000, 20), effort.of(100_000, 40)
    long = effort.of(10_000, 20)
    say(f"V2 lists of {few:,} and {many:,} traces")
    files = {count: folder / f"{count}.db" for count in (few, many)}
    for count, file in files.items():
        filled(file, traces_=count, steps_=STEPS)
    with serving(files[few]) as small, serving(files[many]) as large:
        times = _interleaved(small, large, effort)
        opened = _opened(large, long, effort)
    ratio = times.ratio(f"large {PAGE}", f"small {PAGE}")
    what = f"the newest 50 of {many:,} traces, against {few:,}"
    detail = milliseconds(times.median(f"large {PAGE}"))
    return [at_most("V2", what, 1.2, ratio, detail=detail), *opened], _table(times, few, many)


def _interleaved(small: Address, large: Address, effort: Effort) -> Times:
    workloads = {
        f"{size} {path}": _each(address, path, effort.of(4, 2))
        for path in ASKED.values()
        for size, address in (("small", small), ("large", large))
    }
    for workload in workloads.values():
        workload()
    return interleaved(workloads, rounds=effort.of(5, 1))


def _each(address: Address, path: str, times: int) -> Workload:
    """Seconds of one request, of several one after the other."""
    requests = [get(path)] * times
    return lambda: seconds(address, requests, connections=1) / times


def _opened(address: Address, count: int, effort: Effort) -> list[Row]:
    sent = post("/v1/traces", json.dumps(trace(count, id=LONG)).encode())
    work: Mapping[str, Callable[[], float]] = {
        "stored": partial(seconds, address, [sent], connections=1),
        "listed": _each(address, PAGE, 1),
        "opened": _each(address, f"/v1/traces/{LONG}", 1),
    }
    times = interleaved(work, rounds=effort.of(3, 1))
    return [
        Row("", f"a trace of {count:,} steps, {what}", measured=milliseconds(times.median(what)))
        for what in work
    ]


def _table(times: Times, few: int, many: int) -> Table:
    rows = [
        (what, *(milliseconds(times.median(f"{size} {path}")) for size in ("small", "large")))
        for what, path in ASKED.items()
    ]
    columns = ("asked", f"{few:,} traces", f"{many:,} traces, {many * STEPS:,} steps")
    return Table("Lists and sums of the server", columns, tuple(rows))
