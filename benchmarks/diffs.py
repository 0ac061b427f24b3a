"""D1 to D3: what a comparison of long runs costs, and how little it blames."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from deepdiff import DeepDiff

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Difference
from pytest_opswald.diff.steps import align
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.trace import Trace

from .results import Results, Row, at_most, milliseconds
from .timing import Effort, interleaved, say, timed
from .traces import chat, doing, edited, run


def measured(folder: Path, effort: Effort) -> Results:
    rows = [_against_deepdiff(effort), *_growing(effort), *_least_blame(effort)]
    return Results([*rows, *_aligned(effort), *_at_worst(effort)])


def _against_deepdiff(effort: Effort) -> Row:
    """D1"""
    size = effort.of(5_000, 30)
    say(f"D1 {size} steps against DeepDiff")
    golden, other = run(size), run(size, changed=0.1)
    again = golden.model_copy(deep=True)
    lists = _plain(golden), _plain(other)
    times = interleaved(
        {
            "deepdiff": timed(lambda: DeepDiff(*lists)),
            "compare": timed(lambda: _compared(golden, other)),
            "equal": timed(lambda: _compared(golden, again)),
        },
        rounds=effort.of(5, 1),
    )
    theirs = milliseconds(times.median("deepdiff"))
    what = f"{size:,} steps, 10% changed, against DeepDiff in order"
    ours = milliseconds(times.median("compare"))
    equal = milliseconds(times.median("equal"))
    detail = f"{ours}, DeepDiff {theirs}; two equal runs {equal}"
    return at_most("D1", what, 0.1, times.ratio("compare", "deepdiff"), detail=detail)


def _growing(effort: Effort) -> Iterable[Row]:
    """D2, what ten times the steps cost"""
    for most, share, rounds in ((50_000, 0.1, 3), (5_000, 0.01, 9)):
        small, large = effort.of((most // 10, most), (20, 200))
        say(f"D2 {large:,} steps against {small:,}")
        pairs = {str(size): (run(size), run(size, changed=share)) for size in (small, large)}
        times = interleaved(
            {name: timed(lambda pair=pair: _compared(*pair)) for name, pair in pairs.items()},
            rounds=effort.of(rounds, 1),
        )
        what = f"{large:,} steps, {share:.0%} changed, against {small:,}"
        detail = milliseconds(times.median(str(large)))
        yield at_most("D2", what, 12, times.ratio(str(large), str(small)), detail=detail)


def _aligned(effort: Effort) -> Iterable[Row]:
    """D3, the alignment alone"""
    size = effort.of(400, 20)
    golden = run(size)
    for share in (0.1, 1.0):
        say(f"D3 {size} by {size} steps, {share:.0%} changed")
        other = run(size, changed=share)
        lists = _plain(golden), _plain(other)
        times = interleaved(
            {
                "deepdiff": timed(lambda lists=lists: DeepDiff(*lists)),
                "align": timed(lambda other=other: _placed(golden, other)),
            },
            rounds=effort.of(7, 1),
        )
        what = f"{size} by {size} steps aligned, {share:.0%} changed, against DeepDiff in order"
        theirs, ours = (milliseconds(times.median(name)) for name in ("deepdiff", "align"))
        detail = f"{ours}, DeepDiff {theirs}"
        yield at_most("D3", what, 0.2, times.ratio("align", "deepdiff"), detail=detail)


def _placed(golden: Trace, other: Trace) -> Any:
    return align(golden.steps, other.steps)


def _at_worst(effort: Effort) -> Iterable[Row]:
    """What must not blow up"""
    size, many, turns = effort.of((5_000, 20_000, 400), (30, 40, 5))
    dice = random.Random(7)
    loops = [[dice.choice("abcd") for _ in range(size)] for _ in range(2)]
    brief = chat(turns, prompt="Be brief.")
    cases = {
        f"{size:,} steps, all changed": (run(size), run(size, changed=1.0)),
        f"{size:,} steps, nothing in common": (
            doing(f"step {n}" for n in range(size)),
            doing(f"other {n}" for n in range(size)),
        ),
        f"{many:,} equal steps, a tenth too many": (
            doing("x" * many),
            doing("x" * (many // 10 * 9)),
        ),
        f"{size:,} steps of two agents that loop": (doing(loops[0]), doing(loops[1])),
        f"a chat of {turns} requests, another prompt": (brief, chat(turns, prompt="Be kind.")),
    }
    for what, pair in cases.items():
        say(what)
        times = interleaved({what: timed(lambda pair=pair: _compared(*pair))}, rounds=1)
        yield Row("", f"compared: {what}", measured=milliseconds(times.median(what)))


def _least_blame(effort: Effort) -> Iterable[Row]:
    """D2, inserts and deletes beside the least there can be"""
    size = effort.of(500, 20)
    dice = random.Random(7)
    straight = [f"step {n}" for n in range(size)]
    loops = [dice.choice("abcd") for _ in range(size)]
    cases = (
        ("mixed", straight, edited(straight, dice)),
        ("looping", loops, edited(loops, dice)),
        ("all changed", straight, [f"other {n}" for n in range(size)]),
    )
    for name, before, after in cases:
        say(f"D2 {name}")
        blamed = _blamed(_compared(doing(before), doing(after)))
        least = len(before) + len(after) - 2 * _most_in_common(before, after)
        what = f"inserts + deletes against the least possible, {name}, {size} steps"
        yield at_most("D2", what, 1, blamed / least, detail=f"{blamed} of {least}")


def _blamed(found: Difference) -> int:
    """A changed or moved step is one deleted and one inserted."""
    cost = {"equal": 0, "missing": 1, "extra": 1, "changed": 2, "moved": 2}
    return sum(cost[pair.op] for pair in found.pairs)


def _most_in_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of a longest common subsequence by the book, as a witness."""
    row = [0] * (len(other) + 1)
    for item in one:
        before = row
        row = [0]
        for column, candidate in enumerate(other):
            row.append(
                before[column] + 1 if item == candidate else max(before[column + 1], row[column])
            )
    return row[-1]


def _compared(golden: Trace, other: Trace) -> Difference:
    return compare(Golden(name="bench", test="bench", trace=golden), other, profile="exact")


def _plain(trace: Trace) -> list[dict[str, Any]]:
    return [step.model_dump(mode="json") for step in trace.steps]
