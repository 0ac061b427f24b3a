"""V1: events that are stored before they are answered. V2: whole traces at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.results import Row, at_least, spelled
from benchmarks.timing import Effort, Times, Workload, interleaved, say

from .load import CONNECTIONS, Address, post, seconds
from .process import CONSTANT, ROW, serving
from .said import event, trace

BATCH = 100


def measured(folder: Path, effort: Effort) -> Iterator[Row]:
    number = effort.of(1_500, 40)
    say(f"V1, V2 {number:,} requests")
    with serving(folder / "ingesting.db") as address:
        workloads = _workloads(address, number)
        for workload in workloads.values():  # statements and the database are made
            workload()
        times = interleaved(workloads, rounds=effort.of(5, 1))
    yield _against_constant(times, number)
    yield _against_rows(times, number)
    yield at_least(
        "V2",
        f"steps in traces of {BATCH} against one by one",
        3,
        times.ratio("event", "batch"),
        detail=f"{number / times.median('batch'):,.0f} steps a second",
    )


def _workloads(address: Address, number: int) -> Mapping[str, Workload]:
    rounds = count()

    def events(path: str) -> float:
        # A session for each client, new ones every time; a response ends their traces.
        names = [f"round {next(rounds)}, client {client}" for client in range(CONNECTIONS)]
        sent = (event(names[n % CONNECTIONS], n // CONNECTIONS) for n in range(number))
        return seconds(address, [post(path, body) for body in sent])

    batch = post("/v1/traces", json.dumps(trace(BATCH)).encode())
    return {
        "constant": partial(events, CONSTANT),
        "row": partial(events, ROW),
        "event": partial(events, "/v1/events"),
        "batch": lambda: seconds(address, [batch] * -(-number // BATCH)),
    }


def _against_constant(times: Times, number: int) -> Row:
    rates = {name: f"{number / times.median(name):,.0f}" for name in ("event", "constant")}
    return at_least(
        "V1",
        "events stored before they are answered, against a constant answer",
        0.35,
        times.ratio("constant", "event"),
        detail=f"{rates['event']} and {rates['constant']} a second, {CONNECTIONS} clients",
    )


def _against_rows(times: Times, number: int) -> Row:
    return Row(
        "",
        "events against one INSERT and one commit for each body",
        measured=spelled(times.ratio("row", "event"), "x"),
        detail=f"{number / times.median('row'):,.0f} such rows a second",
    )
