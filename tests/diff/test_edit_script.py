"""The rows of a comparison as an edit script: what must be done to the golden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from deepdiff import DeepDiff
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff.contents import parts
from pytest_opswald.diff.difference import Change, Difference, StepPair
from pytest_opswald.trace.steps import Step, ToolResult
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import canonical
from tests.diff.traces import difference, response, trace, use

VALUES = st.recursive(
    st.integers(0, 2) | st.sampled_from(["x", "y"]),
    lambda inner: st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
    max_leaves=3,
)
USES = st.builds(
    lambda tool, result, arguments: use(tool, result, **arguments),
    st.sampled_from(["get_a", "get_b"]),
    st.integers(0, 1),
    st.dictionaries(st.sampled_from("ab"), VALUES, max_size=2),
)
TRACES = st.lists(USES | st.sampled_from([(response("x"),), (response("y"),)]), max_size=5).map(
    lambda steps: trace(*steps)
)


@given(TRACES, TRACES)
def test_applying_the_rows_to_the_golden_gives_the_run(golden: Trace, actual: Trace) -> None:
    """Drop what is missing, take what is extra, make the changes, put it in the run's order."""
    found = difference(golden, actual)

    assert _applied(found.pairs) == [_told(step) for step in actual.steps]


@given(TRACES, TRACES)
def test_never_reports_more_entries_than_deepdiff_on_the_lists(
    golden: Trace, actual: Trace
) -> None:
    """Steps as opaque items, results with the call they answer: a replaced one is one entry."""
    ours = _entries(difference(golden, actual))

    theirs = DeepDiff(_items(golden), _items(actual))

    assert ours <= sum(map(len, theirs.values()))


def _items(recorded: Trace) -> list[str]:
    steps = recorded.steps
    asked = [
        _told(before) if isinstance(step, ToolResult) else None
        for before, step in pairwise((None, *steps))
    ]
    return [canonical([_told(step), call]) for step, call in zip(steps, asked, strict=True)]


def _told(step: Step) -> list[Any]:
    name = getattr(getattr(step, "input", None), "tool", "")
    return [step.type, name, parts(step)]


def _applied(rows: Sequence[StepPair]) -> list[Any]:
    present = [row for row in rows if row.actual]
    return [_made(row) for row in sorted(present, key=lambda row: row.actual.step_number)]


def _made(row: StepPair) -> list[Any]:
    if row.golden is None:
        return _told(row.actual)
    kind, name, document = deepcopy(_told(row.golden))
    for change in row.changes:
        _apply(document, change)
    return [kind, name, document]


def _apply(document: dict[str, Any], change: Change) -> None:
    *outer, last = re.findall(r"[^.\[\]]+", change.path)
    for key in outer:
        document = document[key]
    if change.kind == "removed":
        del document[last]
    else:
        document[last] = change.actual


def _entries(found: Difference) -> int:
    ops = [pair.op for pair in found.pairs]
    return ops.count("changed") + ops.count("moved") + max(ops.count("missing"), ops.count("extra"))
