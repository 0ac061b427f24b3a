"""D1 and D2: what a comparison of long runs costs, and how little it blames."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from deepdiff import DeepDiff

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Difference
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import (
    Custom,
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
    Step,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
)
from pytest_opswald.trace.trace import Trace

from .conversations import words
from .results import Results, Row, at_most, milliseconds
from .timing import Effort, interleaved, say, timed


def measured(folder: Path, effort: Effort) -> Results:
    return Results([*_against_deepdiff(effort), _linear(effort), *_least_blame(effort)])


def _against_deepdiff(effort: Effort) -> Iterable[Row]:
    """D1"""
    size = effort.of(5_000, 30)
    say(f"D1 {size} steps against DeepDiff")
    golden, run = _run(size), _run(size, changed=0.1)
    again = golden.model_copy(deep=True)
    plain = [[step.model_dump(mode="json") for step in trace.steps] for trace in (golden, run)]
    times = interleaved(
        {
            "deepdiff": timed(lambda: DeepDiff(*plain)),
            "compare": timed(lambda: _compared(golden, run)),
            "equal": timed(lambda: _compared(golden, again)),
        },
        rounds=effort.of(3, 1),
    )
    theirs = milliseconds(times.median("deepdiff"))
    what = f"{size:,} steps, 10% changed, against DeepDiff in order"
    ours = milliseconds(times.median("compare"))
    equal = milliseconds(times.median("equal"))
    detail = f"{ours}, DeepDiff {theirs}; two equal runs {equal}"
    yield at_most("D1", what, 0.1, times.ratio("compare", "deepdiff"), detail=detail)


def _linear(effort: Effort) -> Row:
    """D2, how it grows"""
    small, large = effort.of((5_000, 50_000), (20, 200))
    say(f"D2 {large:,} steps against {small:,}")
    pairs = {str(size): (_run(size), _run(size, changed=0.1)) for size in (small, large)}
    times = interleaved(
        {name: timed(lambda pair=pair: _compared(*pair)) for name, pair in pairs.items()},
        rounds=1,
    )
    what = f"{large:,} steps, 10% changed, against {small:,}"
    detail = milliseconds(times.median(str(large)))
    return at_most("D2", what, 12, times.ratio(str(large), str(small)), detail=detail)


def _least_blame(effort: Effort) -> Iterable[Row]:
    """D2, inserts and deletes beside the least there can be"""
    size = effort.of(500, 20)
    dice = random.Random(7)
    straight = [f"step {n}" for n in range(size)]
    loops = [dice.choice("abcd") for _ in range(size)]
    cases = (
        ("mixed", straight, _edited(straight, dice)),
        ("looping", loops, _edited(loops, dice)),
        ("all changed", straight, [f"other {n}" for n in range(size)]),
    )
    for name, before, after in cases:
        say(f"D2 {name}")
        blamed = _blamed(_compared(_doing(before), _doing(after)))
        least = len(before) + len(after) - 2 * _most_in_common(before, after)
        what = f"inserts + deletes against the least possible, {name}, {size} steps"
        yield at_most("D2", what, 1, blamed / least, detail=f"{blamed} of {least}")


def _blamed(found: Difference) -> int:
    """A changed or moved step is one deleted and one inserted."""
    cost = {"equal": 0, "missing": 1, "extra": 1, "changed": 2, "moved": 2}
    return sum(cost[pair.op] for pair in found.pairs)


def _edited(before: Sequence[str], dice: random.Random) -> list[str]:
    """A tenth left out, a tenth replaced, a tenth added."""
    after = []
    for place, action in enumerate(before):
        fate = dice.random()
        if fate < 0.1:
            continue
        after.append(f"new {place}" if fate < 0.2 else action)
        if fate > 0.9:
            after.append(f"extra {place}")
    return after


def _doing(actions: Iterable[str]) -> Trace:
    return Trace.of([Custom(name=action, input={"does": action}) for action in actions])


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


def _compared(golden: Trace, run: Trace) -> Difference:
    return compare(Golden(name="bench", test="bench", trace=golden), run, profile="exact")


def _run(size: int, *, changed: float = 0.0) -> Trace:
    """An agent's run: an LLM call, a tool call, its result, again and again."""
    dice = random.Random(size)
    steps: list[Step] = []
    turn = 0
    while len(steps) < size:
        new = _turn(turn, " changed" if dice.random() < changed else "")
        if dice.random() >= changed / 5:
            steps += new
        turn += 1
    return Trace.of(steps[:size])


def _turn(number: int, edit: str) -> tuple[Step, ...]:
    query = {"query": words(number, 60) + edit, "page": number}
    told = {"found": words(-number, 120), "number": number}
    asked = Message(role="user", content=words(number, 120) + edit)
    return (
        LlmCall(input=LlmInput(messages=(asked,)), output=LlmOutput(content=words(number, 80))),
        ToolCall(input=ToolInput(tool="search", arguments=query)),
        ToolResult(input=ToolResultInput(tool="search"), output=ToolOutput(result=told)),
    )
