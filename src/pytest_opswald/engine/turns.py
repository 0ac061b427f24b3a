"""Answers given out in the order in which they arrived when they were recorded."""

from __future__ import annotations

import heapq
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from pytest_opswald.trace.steps import Custom, LlmCall, Step, ToolCall

Grouped = LlmCall | Custom | ToolCall

GRACE_SECONDS = 0.25
"""How long a group waits for a member that shows no sign of life; then it is forgotten.

Long enough for a loaded machine and for a request that is sent only when another one is late.
"""
LONGEST_LOOK_SECONDS = 0.001
"""What counts between two looks at the clock; about twice as long as a waiting thread naps."""
MOST_TRIES = 20_000
"""The same in questions, for a clock that stands still."""


class Watch:
    """Seconds that somebody was awake to see pass.

    Where a machine is so busy that nobody gets to ask, nobody gets to answer either: that time
    does not count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked = clock()
        self._seconds = 0.0

    def __call__(self) -> float:
        looked = self._clock()
        self._seconds += min(looked - self._looked, LONGEST_LOOK_SECONDS)
        self._looked = looked
        return self._seconds


class Turns:
    """Who of a group that was in flight together comes next. Called from any thread."""

    def __init__(self, *runs: Iterable[Step], now: Callable[[], float] | None = None) -> None:
        self._now = now or Watch()
        self._lock = threading.Lock()
        self._places = {
            id(step): (group, arrival) for steps in runs for step, group, arrival in _places(steps)
        }
        """Group and arrival of each step that has them, by the step's id."""
        self._answers: dict[object, tuple[_Group, int]] = {}

    def hold(self, answer: object, step: Grouped) -> None:
        """Tie an answer about to be delivered to the step it was recorded in."""
        if place := self._places.get(id(step)):
            group, arrival = place
            with self._lock:
                self._answers[answer] = group, arrival
                group.asked(arrival, self._now())

    def may_deliver(self, answer: object, settled_for: float = 0.0) -> bool:
        """Whether all that arrived before it have been delivered; True takes the turn.

        Nobody waits for ever, and nobody waits for the same one twice: what keeps a group waiting
        is forgotten. `settled_for`: seconds since something last moved in the group.
        """
        with self._lock:
            if answer not in self._answers:
                return True
            group, arrival = self._answers[answer]
            if not group.lets(arrival, self._now(), settled_for):
                return False
            del self._answers[answer]
            return True


class _Group:
    """Calls that were in flight together."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        """Heap of arrivals; those that are over are removed once they come first."""
        self._over: set[int] = set()
        self._seen: dict[int, float] = {}
        """When a member last asked for its answer."""
        self._moved = 0.0
        """When one was last asked for or delivered."""
        self._tries = 0

    def expect(self, arrival: int) -> None:
        heapq.heappush(self._waiting, arrival)

    def asked(self, arrival: int, now: float) -> None:
        self._seen[arrival] = now
        self._move(now)

    def lets(self, arrival: int, now: float, settled_for: float) -> bool:
        self._seen[arrival] = now
        self._tries += 1
        if self._is_behind(arrival):
            if self._is_patient(now):
                return False
            self._over.add(self._waiting[0])
            return self.lets(arrival, now, settled_for)
        if now - self._moved < settled_for and self._tries < MOST_TRIES:
            return False
        self._over.add(arrival)
        self._move(now)
        return True

    def _is_behind(self, arrival: int) -> bool:
        while self._waiting and self._waiting[0] in self._over:
            heapq.heappop(self._waiting)
        return bool(self._waiting) and self._waiting[0] < arrival

    def _is_patient(self, now: float) -> bool:
        """Whether whoever comes first may still come."""
        last_sign = max(self._moved, self._seen.get(self._waiting[0], 0.0))
        return now - last_sign < GRACE_SECONDS and self._tries < MOST_TRIES

    def _move(self, now: float) -> None:
        self._moved, self._tries = now, 0


def _places(steps: Iterable[Step]) -> Iterator[tuple[Grouped, _Group, int]]:
    """Steps of one run that were in flight with others, their group and their arrival."""
    groups: dict[int, _Group] = defaultdict(_Group)
    for step in steps:
        if isinstance(step, Grouped) and step.group is not None and step.arrival is not None:
            groups[step.group].expect(step.arrival)
            yield step, groups[step.group], step.arrival
