"""The table of controls: each action in each state."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.work.cursor import Cursor, controlled

RUNNING = Cursor("running", total=6, current=3)
PAUSED = Cursor("paused", total=6, current=3)
OVER = [Cursor(status, total=6, current=6) for status in ("completed", "failed", "stopped")]  # type: ignore[arg-type]


def told(cursor: Cursor) -> tuple[str, int, int]:
    """Status, where it stands, and up to where it now goes."""
    return cursor.status, cursor.current, cursor.target


@pytest.mark.parametrize(
    ("before", "action", "step", "after"),
    [
        (RUNNING, "play", None, ("running", 3, 6)),
        (PAUSED, "play", None, ("running", 3, 6)),
        (RUNNING, "pause", None, ("paused", 3, 3)),
        (PAUSED, "pause", None, ("paused", 3, 3)),
        (RUNNING, "pause", 5, ("running", 3, 5)),
        (PAUSED, "pause", 5, ("paused", 3, 3)),
        (RUNNING, "step", None, ("paused", 3, 4)),
        (PAUSED, "step", None, ("paused", 3, 4)),
        (RUNNING, "jump", 5, ("running", 3, 5)),
        (PAUSED, "jump", 5, ("paused", 3, 5)),
        (RUNNING, "jump", 1, ("running", 1, 6)),
        (PAUSED, "jump", 1, ("paused", 1, 1)),
        (RUNNING, "stop", None, ("stopped", 3, 3)),
        (PAUSED, "stop", None, ("stopped", 3, 3)),
    ],
)
def test_what_a_control_does(
    before: Cursor, action: Any, step: int | None, after: tuple[str, int, int]
) -> None:
    """Where it leads in each state that can be controlled."""
    assert told(controlled(before, action, step)) == after


@pytest.mark.parametrize("cursor", OVER, ids=lambda cursor: cursor.status)
@pytest.mark.parametrize("action", ["play", "pause", "step", "jump", "stop"])
def test_what_is_over_takes_no_control(cursor: Cursor, action: Any) -> None:
    """In no state that is an end, and no action."""
    with pytest.raises(ApiProblem) as refusal:
        controlled(cursor, action, 1)

    assert refusal.value.problem.details == {
        "field": "action",
        "expected": "a replay that is running or paused",
    }


@pytest.mark.parametrize("said", [{"mode": "batch"}, {"executor": "runner"}])
@pytest.mark.parametrize("action", ["play", "pause", "step", "jump"])
def test_batches_and_runners_can_only_be_stopped(said: Any, action: Any) -> None:
    """Nobody watches the one, nobody here makes the other."""
    cursor = Cursor("running", total=6, **said)

    with pytest.raises(ApiProblem):
        controlled(cursor, action, 2)
    assert controlled(cursor, "stop", None).status == "stopped"


@pytest.mark.parametrize(
    ("action", "step"),
    [("pause", 3), ("pause", 1), ("pause", 7), ("jump", None), ("jump", 0), ("jump", 7)],
)
def test_steps_that_are_not_there_are_refused(action: Any, step: int | None) -> None:
    """Breakpoints lie ahead, jumps within the replay."""
    with pytest.raises(ApiProblem) as refusal:
        controlled(PAUSED, action, step)

    assert refusal.value.problem.details
    assert refusal.value.problem.details["field"] == "step"


def test_a_breakpoint_pauses_once() -> None:
    """Playing goes on behind it."""
    at_five = controlled(RUNNING, "pause", 5).reached(5)

    assert told(at_five) == ("paused", 5, 5)
    assert told(controlled(at_five, "play", None)) == ("running", 5, 6)


def test_a_jump_beyond_a_breakpoint_does_not_pause() -> None:
    """It was asked for by its number."""
    jumped = controlled(controlled(RUNNING, "pause", 4), "jump", 5)

    assert told(jumped.reached(5)) == ("running", 5, 6)


def test_the_last_step_is_the_end() -> None:
    """A jump to it is none: one may jump back."""
    stepped = controlled(Cursor("paused", total=6, current=5), "step", None).reached(6)
    jumped = controlled(PAUSED, "jump", 6).reached(6)

    assert (stepped.ends, jumped.ends) == (True, False)
    assert controlled(jumped, "step", None).ends
    assert controlled(jumped, "play", None).ends
    assert told(controlled(jumped, "jump", 2)) == ("paused", 2, 2)


def test_two_steps_asked_for_at_once_are_two_steps() -> None:
    """Though the first is still being made."""
    assert controlled(controlled(PAUSED, "step", None), "step", None).target == 5


def test_going_back_drops_what_is_under_way() -> None:
    """An answer that arrives for the step that was left is not wanted any more."""
    assert controlled(RUNNING, "jump", 2).epoch > RUNNING.epoch
    assert controlled(RUNNING, "jump", 5).epoch == RUNNING.epoch


def test_nothing_to_replay_ends_at_once() -> None:
    """A trace without steps."""
    assert Cursor("running", total=0).ends
