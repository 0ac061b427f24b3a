"""Answers given out in the order in which they arrived when they were recorded."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable

from pytest_opswald.trace.steps import Custom, LlmCall, Step, ToolCall

Grouped = LlmCall | Custom | ToolCall


class Turns:
    """Who of a group that was in flight together comes next. Called from any thread."""

    def __init__(self, *runs: Iterable[Step]) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, set[int]] = {}
        """Arrivals that have not been delivered, of the group of each step, by the step's id."""
        for steps in runs:
            waiting: dict[int, set[int]] = defaultdict(set)
            for step in steps:
                if (
                    isinstance(step, Grouped)
                    and step.group is not None
                    and step.arrival is not None
                ):
                    waiting[step.group].add(step.arrival)
                    self._waiting[id(step)] = waiting[step.group]
        self._answers: dict[object, Grouped] = {}

    def hold(self, answer: object, step: Grouped) -> None:
        """Tie an answer about to be delivered to the step it was recorded in."""
        if step.group is not None:
            with self._lock:
                self._answers[answer] = step

    def may_deliver(self, answer: object) -> bool:
        """Whether all that arrived before it have been delivered; True takes the turn."""
        with self._lock:
            step = self._answers.get(answer)
            if step is None or step.group is None or step.arrival is None:
                return True
            waiting = self._waiting[id(step)]
            if any(arrival < step.arrival for arrival in waiting):
                return False
            waiting.discard(step.arrival)
            return True
