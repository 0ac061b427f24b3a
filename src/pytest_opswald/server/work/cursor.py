"""Where a replay stands, and what its controls do to that: pure, the table of the API.

`current` is the last step that is completed. Work is to be done while `target` is beyond it: up to
`goal`, which a step or a jump has set, without waiting; else, while it is running, up to its
breakpoint or its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pytest_opswald.api.replays import Action, Executor, ReplayMode, ReplayStatus
from pytest_opswald.server.problems import ApiProblem, invalid

OVER = frozenset({"completed", "failed", "stopped"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """A replay, as far as control is concerned."""

    status: ReplayStatus
    total: int
    current: int = 0
    goal: int = 0
    """Up to here at once, whatever the status; one beyond the last step means: and then end."""
    pause_at: int | None = None
    epoch: int = 0
    """Grows whenever the past changes: what is under way for an earlier one is dropped."""
    mode: ReplayMode = "interactive"
    executor: Executor = "server"

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def target(self) -> int:
        """Up to which step work is to be done now; `current` when there is none."""
        if self.is_over:
            return self.current
        if self.goal > self.current:
            return min(self.goal, self.total)
        return self._limit if self.status == "running" else self.current

    @property
    def waits(self) -> bool:
        """Whether the next step is taken at the pace of the recording, not at once."""
        return self.goal <= self.current

    @property
    def ends(self) -> bool:
        """Whether all is done, and the replay is to be completed."""
        if self.is_over or self.current < self.total:
            return False
        return self.status == "running" or self.goal > self.total

    @property
    def has_work(self) -> bool:
        return self.ends or self.target > self.current

    @property
    def _limit(self) -> int:
        """Where running ends: at a breakpoint that lies ahead, else with the last step."""
        ahead = self.pause_at is not None and self.pause_at > self.current
        return self.pause_at if ahead and self.pause_at is not None else self.total

    def reached(self, step: int) -> Cursor:
        """With the steps up to this one completed."""
        paused = self.status == "running" and step == self.pause_at and step < self.total
        return replace(self, current=step, status="paused" if paused else self.status)


def controlled(cursor: Cursor, action: Action, step: int | None) -> Cursor:
    """What a control makes of it. Raises ApiProblem where it makes no sense."""
    _check(cursor, action)
    match action:
        case "play":
            return replace(cursor, status="running")
        case "pause":
            return _paused(cursor, step)
        case "step":
            goal = max(cursor.goal, cursor.current) + 1
            goal = goal if goal < cursor.total else cursor.total + 1
            return replace(cursor, status="paused", goal=goal)
        case "jump":
            return _jumped(cursor, step)
        case "stop":
            return replace(cursor, status="stopped", epoch=cursor.epoch + 1)


def _check(cursor: Cursor, action: Action) -> None:
    if cursor.is_over:
        raise _no(f"The replay is {cursor.status}", "a replay that is running or paused")
    if action == "stop":
        return
    if cursor.mode == "batch":
        raise _no("A batch replay can only be stopped", "stop, or a replay with mode interactive")
    if cursor.executor == "runner":
        raise _no("A replay by a runner can only be stopped", "stop")


def _paused(cursor: Cursor, step: int | None) -> Cursor:
    if step is None:
        return replace(cursor, status="paused", goal=0)
    if not cursor.current < step <= cursor.total:
        raise _out_of_range(cursor.current + 1, cursor.total)
    return replace(cursor, pause_at=step)


def _jumped(cursor: Cursor, step: int | None) -> Cursor:
    if step is None or not 1 <= step <= cursor.total:
        raise _out_of_range(1, cursor.total)
    if step >= cursor.current:
        return replace(cursor, goal=step)
    back = replace(cursor, current=step, goal=0, epoch=cursor.epoch + 1)
    return back.reached(step)


def _no(message: str, expected: str) -> ApiProblem:
    return invalid(message, field="action", expected=expected)


def _out_of_range(first: int, last: int) -> ApiProblem:
    return invalid(
        "There is no such step ahead", field="step", expected=f"a step from {first} to {last}"
    )


def cursor_of(row: Any) -> Cursor:
    """Where the replay of that row stands."""
    return Cursor(
        status=row.status,
        total=row.total_steps,
        current=row.current_step,
        goal=row.goal_step,
        pause_at=row.pause_at_step,
        epoch=row.epoch,
        mode=row.mode,
        executor=row.executor,
    )


def columns(cursor: Cursor) -> dict[str, Any]:
    """What of a row says the same."""
    return {
        "status": cursor.status,
        "current_step": cursor.current,
        "goal_step": cursor.goal,
        "pause_at_step": cursor.pause_at,
        "epoch": cursor.epoch,
    }
