"""P1 and P2: what a session pays that has us installed and does not use us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from .results import Results, Row, Table, at_most, milliseconds, spelled
from .sessions import OURS, project, seconds, seconds_of_tests
from .timing import Effort, Times, interleaved, say

PLUGINS = {
    "pytest alone": (),
    "pytest-opswald": (OURS,),
    "syrupy": ("syrupy",),
    "pytest-recording": ("pytest_recording.plugin",),
    "cassetter": ("cassetter.pytest_plugin",),
    "respx": ("respx.plugin",),
    "agent-replay-py": ("agentreplay.pytest_plugin",),
    "langsmith": ("langsmith.pytest_plugin",),
}
BARE, MINE = "pytest alone", "pytest-opswald"
EMPTY_TESTS = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_nothing(number): pass
"""


def measured(folder: Path, effort: Effort) -> Results:
    count = effort.of(2_000, 10)
    one = project(folder / "one", test_one=EMPTY_TESTS.format(count=1))
    many = project(folder / "many", test_many=EMPTY_TESTS.format(count=count))
    say("P1 start-up")
    start = _sessions(one, seconds, (BARE, MINE), effort.of(101, 1))
    say(f"P2 {count} empty tests")
    test = _sessions(many, seconds_of_tests, (BARE, MINE), effort.of(21, 1))
    rows = _rows(start, test, count)
    if effort.quick:
        return Results(rows)
    say("idle plugins of others")
    there = [name for name in PLUGINS if all(_is_there(plugin) for plugin in PLUGINS[name])]
    starts = _sessions(one, seconds, there, 5)
    tests = _sessions(many, seconds_of_tests, there, 3)
    return Results(rows, [_table(starts, tests, count)])


def _sessions(
    folder: Path, measure: Callable[..., float], names: Sequence[str], rounds: int
) -> Times:
    workloads = {name: partial(measure, folder, plugins=PLUGINS[name]) for name in names}
    return interleaved(workloads, rounds=rounds)


def _is_there(plugin: str) -> bool:
    return find_spec(plugin.partition(".")[0]) is not None


def _rows(start: Times, test: Times, count: int) -> list[Row]:
    more = start.more(MINE, BARE)
    of_one = test.more(MINE, BARE) / count
    least, most = (edge * 1e3 for edge in start.bounds(MINE, BARE))
    return [
        at_most(
            "P1",
            "start-up of a session that does not use us, against pytest alone",
            1.02,
            start.ratio(MINE, BARE),
            detail=f"{milliseconds(start.median(BARE))} and {more * 1e3:+.1f} ms",
        ),
        at_most(
            "P1",
            "the same, in milliseconds",
            5,
            more * 1e3,
            unit="ms",
            detail=f"{least:+.1f} to {most:+.1f} at 95%",
        ),
        at_most(
            "P2",
            "a test that does not use us, against pytest alone",
            1.01,
            test.ratio(MINE, BARE),
            detail=f"{test.median(BARE) / count * 1e6:.0f} µs and {of_one * 1e6:+.1f} µs",
        ),
    ]


def _table(starts: Times, tests: Times, count: int) -> Table:
    rows = []
    for name in starts.seconds:
        more = starts.more(name, BARE)
        test = tests.median(name) / count
        of_one = tests.more(name, BARE) / count
        rows.append(
            (
                name,
                milliseconds(starts.median(name)),
                f"{more * 1e3:+.0f} ms",
                spelled(test * 1e6, "µs"),
                f"{of_one * 1e6:+.0f} µs",
            )
        )
    return Table(
        "Idle plugins",
        ("loaded", "session of one empty test", "more", "an empty test", "more"),
        tuple(rows),
        "Each plugin alone. syrupy is one of our dependencies and registers itself with pytest: "
        "whoever installs us pays for it too.",
    )
