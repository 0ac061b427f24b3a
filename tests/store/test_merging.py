"""Recording again keeps what people wrote, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.store.files import merge
from pytest_opswald.trace.golden import Golden, suggested_outcome
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.steps import Response
from pytest_opswald.trace.trace import Trace


def recorded(message: str, *, tags: tuple[str, ...] = (), **asked: Any) -> Golden:
    trace = Trace.of([Response(message=message)])
    outcome = {**suggested_outcome(trace).model_dump(mode="json"), **asked}
    return Golden(
        name="x", test="x", tags=tags, expected_outcome=parse_outcome(outcome), trace=trace
    )


def edited(golden: Golden, outcome: dict[str, Any]) -> Golden:
    return golden.model_copy(update={"expected_outcome": parse_outcome(outcome)})


OLD, NEW = "Refunded 42.", "Refunded 43."


@pytest.mark.parametrize(
    ("outcome", "merged"),
    [
        (
            {"status": "completed", "final_message": OLD},
            {"status": "completed", "final_message": NEW},
        ),
        (
            {"status": "completed", "final_message": {"contains": "Refunded"}},
            {"status": "completed", "final_message": {"contains": "Refunded"}},
        ),
        ({"status": "completed"}, {"status": "completed"}),
        ({}, {}),
        (
            {"status": "completed", "final_message": OLD, "budgets": {"llm_calls": 3}},
            {"status": "completed", "final_message": NEW, "budgets": {"llm_calls": 3}},
        ),
    ],
    ids=["untouched follows", "edited stays", "removed stays away", "emptied", "added stays"],
)
def test_expectations_edited_by_hand_survive(
    outcome: dict[str, Any], merged: dict[str, Any]
) -> None:
    """Only what repeated the old recording follows the new one."""
    old = edited(recorded(OLD), outcome)

    assert merge(old, recorded(NEW)).expected_outcome == parse_outcome(merged)


def test_what_the_test_asks_for_now_wins() -> None:
    """An expectation in the marker is newer than the one in the file."""
    old = edited(recorded(OLD), {"final_message": {"contains": "Refunded"}})

    merged = merge(old, recorded(NEW, final_message={"contains": "43"}))

    assert merged.expected_outcome == parse_outcome({"final_message": {"contains": "43"}})


def test_tags_of_both_are_kept() -> None:
    """Tags added to the file stay; those of the test come along."""
    merged = merge(recorded(OLD, tags=("mine", "smoke")), recorded(NEW, tags=("smoke", "new")))

    assert merged.tags == ("mine", "smoke", "new")


def test_the_first_recording_is_taken_as_it_is() -> None:
    """Without an old golden there is nothing to keep."""
    assert merge(None, recorded(NEW)) == recorded(NEW)


def test_an_effect_that_was_looked_at_stays_where_nobody_in_the_code_says_one() -> None:
    """A guess and a server's hint give way; a declaration does not."""
    old = recorded(OLD).model_copy(
        update={"effects": {"send": "write", "find": "read", "ship": "write", "list": "read (mcp)"}}
    )
    said = {"send": "read (mcp)", "find": "unknown (guessed)", "ship": "idempotent_write"}
    new = recorded(NEW).model_copy(update={"effects": {**said, "list": "write (mcp)"}})

    assert merge(old, new).effects == {
        "send": "write",
        "find": "read",
        "ship": "idempotent_write",
        "list": "write (mcp)",
    }
