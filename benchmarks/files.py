"""F1 to F3: how large goldens are, how fast they load, how they change."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

from pytest_opswald.store import files

from .conversations import Conversation, chat, tool_loop, tool_loops
from .lanes import record
from .results import Results, Row, at_most, milliseconds, spelled
from .timing import Effort, interleaved, say, timed


def measured(folder: Path, effort: Effort) -> Results:
    return Results([*_sizes(folder, effort), *_loading(folder, effort), *_changes(folder, effort)])


def _sizes(folder: Path, effort: Effort) -> list[Row]:
    """F1"""
    say("F1 sizes")
    turns, talk = effort.of(100, 4), effort.of(40, 4)
    loop, said = tool_loop(turns), chat(talk, characters=384)
    raw = sum(len(json.dumps(ask)) for ask in loop.asks)
    golden, spoken = (
        _size(folder / f"{n}.json", c) for n, c in (("f1_loop", loop), ("f1_chat", said))
    )
    return [
        at_most(
            "F1",
            f"golden of {turns} turns against its raw requests",
            0.06,
            golden / raw,
            detail=f"{_kilobytes(golden)} of {_kilobytes(raw)}",
        ),
        at_most(
            "F1",
            f"golden of a chat of {talk} turns against its text",
            3,
            spoken / said.text,
            detail=f"{_kilobytes(spoken)} of {_kilobytes(said.text)}",
        ),
    ]


def _size(path: Path, conversation: Conversation) -> int:
    return record(path, conversation).stat().st_size


def _loading(folder: Path, effort: Effort) -> list[Row]:
    """F2"""
    rows = []
    cases = (
        ("tool loop, 100 turns", "f2_loop", tool_loop(effort.of(100, 4)), 9),
        ("5,000 steps", "f2_loops", tool_loops(effort.of(87, 2), turns=20), 5),
    )
    for what, name, conversation, rounds in cases:
        say(f"F2 loading, {what}")
        path = record(folder / f"{name}.json", conversation)
        times = interleaved(
            {
                "json": timed(lambda path=path: json.loads(path.read_bytes())),
                "load": timed(lambda path=path: files.load(path)),
            },
            rounds=effort.of(rounds, 1),
        )
        ours, least = times.median("load"), times.median("json")
        rows.append(
            at_most(
                "F2",
                f"loading against json.loads, {what}",
                1.5,
                times.ratio("load", "json"),
                detail=f"{milliseconds(ours)}, json {milliseconds(least)}; "
                f"{len(files.load(path).trace.steps):,} steps, {_kilobytes(path.stat().st_size)}",
            )
        )
    return rows


def _changes(folder: Path, effort: Effort) -> list[Row]:
    """F3"""
    rows = []
    for turns in effort.of((20, 100), (4,)):
        say(f"F3 one edited tool answer in {turns} turns")
        before = record(folder / f"f3_{turns}.json", tool_loop(turns))
        after = record(folder / f"f3_{turns}_edited.json", tool_loop(turns, edited=turns // 2))
        old, new = (path.read_text(encoding="utf-8").splitlines() for path in (before, after))
        hunks = sum(line.startswith("@@") for line in difflib.unified_diff(old, new, n=0))
        what = f"hunks of a diff after one edited tool answer, {turns} turns"
        rows.append(at_most("F3", what, 2, hunks, unit="hunks"))
    return rows


def _kilobytes(size: int) -> str:
    return spelled(size / 1e3, "kB")
