"""Which differences make the verdict red."""

from __future__ import annotations

import pytest

from pytest_opswald.diff.compare import compare
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace
from tests.diff.traces import check, difference, golden, llm, response, trace, use

A, B, C = use("get_a", n=1), use("get_b", n=1), use("get_c", n=1)
OTHER_A = use("get_a", n=2)
END = (response("done"),)

RUNS = {
    "same": trace(A, B, END),
    "extra": trace(A, C, B, END),
    "swapped": trace(B, A, END),
    "missing": trace(A, END),
    "changed": trace(OTHER_A, B, END),
}
RED = {
    "exact": {"extra", "swapped", "missing", "changed"},
    "in_order": {"swapped", "missing", "changed"},
    "any_order": {"missing", "changed"},
    "only": {"extra", "changed"},
    "none": set(),
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("mode", RED)
@pytest.mark.parametrize("profile", ["exact", "contract"])
def test_modes_mean_what_users_know(profile: str, mode: str, run: str) -> None:
    """What was set explicitly holds in both profiles."""
    found = difference(RUNS["same"], RUNS[run], profile, steps=mode)

    assert found.failed == (run in RED[mode])


def test_contract_shows_steps_without_judging_them() -> None:
    """A model that takes another way to the same outcome is green, and the rows are there."""
    found = difference(RUNS["same"], RUNS["changed"], "contract")

    assert not found.failed
    assert found.changed
    assert check(found, "steps").verdict == "advisory"


def test_tool_modes_leave_llm_calls_alone() -> None:
    """in_order and any_order are about tool calls, unless other types are included."""
    recorded, run = trace(llm("a", answer="x"), A, END), trace(llm("b", answer="x"), A, END)

    assert not difference(recorded, run, steps="in_order").failed
    assert difference(
        recorded, run, steps={"mode": "in_order", "include": ["llm_call"]}
    ).reason_codes == (Reason.REQUEST_DRIFT,)


def test_ignored_paths_do_not_count() -> None:
    """A call that differs in nothing else is equal."""
    found = difference(
        RUNS["same"], RUNS["changed"], steps={"mode": "exact", "ignore": ["input.arguments.n"]}
    )

    assert not found.changed


@pytest.mark.parametrize("path", ["*.n", "input.arguments", "input*"])
def test_ignored_paths_may_be_wide(path: str) -> None:
    """`*` is any text, and a path covers what lies below it."""
    assert not difference(RUNS["same"], RUNS["changed"], steps={"ignore": [path]}).changed


def test_including_a_type_that_no_run_has_is_unmeasured() -> None:
    """A rule about nothing is never a silent pass."""
    found = difference(RUNS["same"], RUNS["same"], steps={"include": ["handoff"]})

    assert check(found, "steps").verdict == "unmeasured"


def test_swapped_calls_of_one_tool_still_appear_in_any_order() -> None:
    """Equal calls are paired wherever they stand, before similar ones are."""
    first, second = use("get_a", n=1), use("get_a", n=2)
    recorded: Trace = trace(first, B, second, END)

    found = difference(recorded, trace(second, B, first, END), steps="any_order")

    assert not found.failed


@pytest.mark.parametrize("run", RUNS)
def test_unused_steps_may_be_allowed(run: str) -> None:
    """Then a leaner run is green; whatever else differs is as red as before."""
    found = compare(golden(RUNS["same"]), RUNS[run], profile="exact", allow_unused=True)

    assert found.failed == (run in RED["exact"] - {"missing"})
