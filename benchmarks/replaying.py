"""R1 to R4 and R6: what replaying costs beside the SDK's own work."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

from openai import AsyncOpenAI, OpenAI

from pytest_opswald import runs

from .conversations import Conversation, questions, tool_loop
from .lanes import (
    Lane,
    async_client,
    client,
    limit,
    record,
    replayed,
    seconds_of_calls,
    seconds_of_test,
)
from .results import Results, Row, at_most, milliseconds
from .timing import Effort, interleaved, say


def measured(folder: Path, effort: Effort) -> Results:
    return Results(
        [
            *_per_call(folder, effort),
            *_by_length(folder, effort),
            *_out_of_order(folder, effort),
            *_in_flight(folder, effort),
            _construction(folder, effort),
            _whole_test(folder, effort),
        ]
    )


def _per_call(folder: Path, effort: Effort) -> list[Row]:
    """R1"""
    size = effort.of(100, 5)
    last = max(1, size // 10)
    asked, streamed, loop = questions(size), questions(size, stream=True), tool_loop(size)
    return [
        _row(folder, f"per call, {size} calls", 1.10, asked, rounds=effort.of(9, 1)),
        _row(folder, f"per call, {size} streams", 1.05, streamed, rounds=effort.of(5, 1)),
        _row(folder, f"tool loop of {size} turns, per call", 1.10, loop, rounds=effort.of(3, 1)),
        _row(folder, f"its last {last}", 1.05, loop, rounds=effort.of(3, 1), last=last),
    ]


def _row(
    folder: Path, what: str, goal: float, asked: Conversation, *, rounds: int, last: int = 0
) -> Row:
    say(f"R1 {what}")
    golden = record(folder / f"{what}.json", asked)
    lanes = {"limit": limit(asked), "replay": replayed(golden)}
    times = interleaved(
        {n: partial(seconds_of_calls, lane, asked, last=last) for n, lane in lanes.items()},
        rounds=rounds,
    )
    ours, least = (times.median(name) / (last or len(asked.asks)) for name in ("replay", "limit"))
    detail = f"{milliseconds(ours)} a call, limit {milliseconds(least)}"
    return at_most("R1", what, goal, times.ratio("replay", "limit"), detail=detail)


def _by_length(folder: Path, effort: Effort) -> list[Row]:
    """R2"""
    sizes = effort.of((10, 100, 1_000, 5_000), (2, 4))
    workloads = {}
    for size in sizes:
        say(f"R2 golden of {size} calls")
        conversation = questions(size)
        golden = record(folder / f"questions_{size}.json", conversation)
        workloads[str(size)] = _repeated(golden, conversation, times=max(1, sizes[-2] // size))
    times = interleaved(workloads, rounds=effort.of(3, 1))
    rows = []
    for size in sizes[1:]:
        value = times.ratio(str(size), str(sizes[0]))
        what = f"per call, a golden of {size:,} calls against one of {sizes[0]}"
        detail = f"{milliseconds(times.median(str(size)))} a call"
        rows.append(at_most("R2", what, 1.05, value, detail=detail))
    return rows


def _repeated(golden: Path, conversation: Conversation, *, times: int) -> Callable[[], float]:
    """Seconds per call; a short golden is replayed several times, for a clock's sake."""

    def workload() -> float:
        taken = sum(seconds_of_calls(replayed(golden), conversation) for _ in range(times))
        return taken / times / len(conversation.asks)

    return workload


def _out_of_order(folder: Path, effort: Effort) -> list[Row]:
    """R3, one after the other in another order than the golden's"""
    size = effort.of(500, 4)
    say(f"R3 {size} calls out of order")
    conversation = questions(size)
    golden = record(folder / "in_order.json", conversation)
    asks = list(conversation.asks)
    random.Random(1).shuffle(asks)
    shuffled = replace(conversation, asks=tuple(asks))
    times = interleaved(
        {
            "in order": lambda: seconds_of_calls(_unjudged(golden), conversation),
            "shuffled": lambda: seconds_of_calls(_unjudged(golden), shuffled),
        },
        rounds=effort.of(5, 1),
    )
    what = f"{size} calls in random order against the golden's"
    return [at_most("R3", what, 1.10, times.ratio("shuffled", "in order"))]


def _unjudged(golden: Path) -> Lane:
    """A replay whose verdict is not asked for: calls in another order rightly fail."""

    @contextmanager
    def lane() -> Iterator[OpenAI]:
        with runs.replay(golden):
            yield client()

    return lane


def _in_flight(folder: Path, effort: Effort) -> list[Row]:
    """R3, together"""
    return [_together(folder, number, effort) for number in effort.of((10, 100), (2,))]


def _together(folder: Path, number: int, effort: Effort) -> Row:
    say(f"R3 {number} calls at once")
    conversation = questions(effort.of(300, 4) // number * number)
    goldens = {count: folder / f"{number}_by_{count}.json" for count in (1, number)}
    for count, golden in goldens.items():
        with runs.record(golden):
            asyncio.run(_asked(async_client(conversation, together=count), conversation, count))
    times = interleaved(
        {
            str(count): partial(_seconds_of_async_calls, golden, conversation, count)
            for count, golden in goldens.items()
        },
        rounds=effort.of(5, 1),
    )
    what = f"async, {number} in flight and answered last first, against one by one"
    calls = len(conversation.asks)
    detail = " and ".join(f"{times.median(n) / calls * 1e3:.2f}" for n in times.seconds)
    return at_most("R3", what, 1.10, times.ratio(str(number), "1"), detail=f"{detail} ms a call")


async def _asked(openai: AsyncOpenAI, conversation: Conversation, together: int) -> float:
    create = openai.chat.completions.create
    start = perf_counter()
    for first in range(0, len(conversation.asks), together):
        asks = conversation.asks[first : first + together]
        await asyncio.gather(*(create(**ask) for ask in asks))
    return perf_counter() - start


def _seconds_of_async_calls(golden: Path, conversation: Conversation, together: int) -> float:
    with runs.replay(golden) as run:
        taken = asyncio.run(_asked(async_client(), conversation, together))
    if run.verdict.failed:
        raise AssertionError(f"{golden}: {run.verdict.reason_codes}")
    return taken


def _construction(folder: Path, effort: Effort) -> Row:
    """R4"""
    say("R4 client construction")
    golden = record(folder / "one.json", questions(1))

    def during_a_replay() -> float:
        with runs.replay(golden) as run:
            start = perf_counter()
            made = client()
            taken = perf_counter() - start
        del made, run
        return taken

    def alone() -> float:
        start = perf_counter()
        client()
        return perf_counter() - start

    rounds = effort.of(21, 1)
    times = interleaved({"replay": during_a_replay, "alone": alone}, rounds=rounds)
    return at_most(
        "R4",
        "construction of a client while replaying",
        0.5,
        times.median("replay") * 1e3,
        unit="ms",
        detail=f"without replay {milliseconds(times.median('alone'))}",
    )


def _whole_test(folder: Path, effort: Effort) -> Row:
    """R6"""
    say("R6 whole test of 10 calls")
    conversation = questions(10)
    golden = record(folder / "ten.json", conversation)
    times = interleaved(
        {
            "limit": lambda: seconds_of_test(limit(conversation), conversation),
            "replay": lambda: seconds_of_test(replayed(golden), conversation),
        },
        rounds=effort.of(15, 1),
    )
    ours, least = times.median("replay"), times.median("limit")
    return at_most(
        "R6",
        "10 calls end to end: load, client, calls, verdict",
        1.10,
        times.ratio("replay", "limit"),
        detail=f"{milliseconds(ours)}, limit {milliseconds(least)}",
    )
