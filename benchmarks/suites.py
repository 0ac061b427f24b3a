"""S1: suites of many goldens."""

from __future__ import annotations

from pathlib import Path

from pytest_opswald.store.paths import golden_path

from .conversations import Conversation, questions
from .lanes import record
from .results import Results, Row, at_least, at_most, spelled
from .sessions import CONFTEST, OURS, project, seconds, seconds_of_tests
from .timing import Effort, interleaved, say

TRIVIAL = """
import pytest
from pytest_opswald import tool

@tool
def lookup(number: int) -> str:
    return "found"

@pytest.mark.parametrize("number", range({count}))
def test_it(opswald, number):
    lookup(42)
"""
PLAIN = """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_it(number): pass
"""
ITEMS = """
import pytest

class Bare(pytest.Item):
    def runtest(self): pass

class Items(pytest.File):
    def collect(self):
        return [Bare.from_parent(self, name=str(number)) for number in range({count})]

def pytest_collect_file(file_path, parent):
    return Items.from_parent(parent, path=file_path) if file_path.suffix == ".items" else None
"""
AGENTS = """
import pytest
from benchmarks.conversations import questions
from benchmarks.lanes import ask_all, client

CONVERSATION = questions(10)

@pytest.mark.parametrize("number", range({count}))
def test_it(opswald, number):
    ask_all(client(), CONVERSATION)
"""


def measured(folder: Path, effort: Effort) -> Results:
    return Results([_trivial(folder, effort), _parallel(folder, effort)])


def _trivial(folder: Path, effort: Effort) -> Row:
    count = effort.of(2_000, 4)
    say(f"S1 {count} trivial goldens")
    bare = project(folder / "bare", conftest=CONFTEST + ITEMS.format(count=count))
    (bare / "all.items").touch()
    plain = project(folder / "plain", test_it=PLAIN.format(count=count))
    ours = project(folder / "trivial", test_it=TRIVIAL.format(count=count))
    _with_goldens(ours, _recorded_trivially(ours), count)
    times = interleaved(
        {
            "item": lambda: seconds_of_tests(bare),
            "plain": lambda: seconds_of_tests(plain),
            "golden": lambda: seconds_of_tests(ours, "--opswald-replay", plugins=[OURS]),
        },
        rounds=effort.of(3, 1),
    )
    each = {name: f"{times.median(name) / count * 1e3:.2f} ms" for name in times.seconds}
    detail = f"{each['golden']} a test, item {each['item']}, empty test function {each['plain']}"
    what = f"{count:,} goldens of one tool call against a bare custom Item"
    return at_most("S1", what, 1.2, times.ratio("golden", "item"), detail=detail)


def _recorded_trivially(folder: Path) -> Path:
    first = "test_it.py::test_it[0]"
    seconds(folder, "--opswald-record", first, plugins=[OURS])
    return golden_path(folder / "test_it.py", first)


def _parallel(folder: Path, effort: Effort) -> Row:
    count = effort.of(1_000, 4)
    say(f"S1 {count} goldens of 10 calls, with one process and with two")
    agents = project(folder / "agents", test_it=AGENTS.format(count=count))
    _with_goldens(agents, _recorded(folder / "ten_calls.json", questions(10)), count)
    plugins = (OURS, "xdist.plugin")
    times = interleaved(
        {
            "one": lambda: seconds(agents, "--opswald-replay", plugins=plugins),
            "two": lambda: seconds(agents, "--opswald-replay", "-n", "2", plugins=plugins),
        },
        rounds=1,
    )
    one, two = times.median("one"), times.median("two")
    detail = f"{spelled(one, 's')} and {spelled(two, 's')}"
    return at_least(
        "S1",
        f"{count:,} goldens of 10 calls, -n 2 faster than one process",
        1.6,
        one / two,
        detail=detail,
    )


def _recorded(path: Path, conversation: Conversation) -> Path:
    return record(path, conversation)


def _with_goldens(folder: Path, golden: Path, count: int) -> None:
    """The same golden for every test, as a file of its own."""
    text = golden.read_text(encoding="utf-8")
    for number in range(count):
        path = golden_path(folder / "test_it.py", f"test_it.py::test_it[{number}]")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
