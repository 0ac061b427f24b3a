"""Small writes that wait for each other share one transaction.

SQLite lets one write at a time, and a transaction costs more than a small write in it. Whoever's
turn it is does the work of all who wait; nobody is answered before it is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")
_MOST = 100
"""Writes in one transaction: those who wait for a turn of their own wait no longer than for them."""


class _Job(Generic[Result]):
    def __init__(self, work: Callable[[Connection], Result]) -> None:
        self.work = work
        self.done = False
        self.problem: BaseException | None = None

    def perform(self, connection: Connection) -> None:
        self.result = self.work(connection)

    def outcome(self) -> Result:
        if self.problem:
            raise self.problem
        return self.result


class Batches:
    """The writes that wait for a turn."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writing = writing
        self._jobs: deque[_Job[Any]] = deque()
        self._turn = Lock()

    @property
    def waiting(self) -> int:
        """How many."""
        return len(self._jobs)

    def do(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction, perhaps twice: the first time it did not happen."""
        job = _Job(work)
        self._jobs.append(job)
        while not job.done:
            with self._turn:
                if not job.done:
                    self._perform(self._next())
        return job.outcome()

    def _next(self) -> list[_Job[Any]]:
        return [self._jobs.popleft() for _ in range(min(_MOST, len(self._jobs)))]

    def _perform(self, jobs: list[_Job[Any]]) -> None:
        try:
            self._perform_together(jobs)
        except Exception:
            # One of them failed and all were undone: each once more, and only that one fails.
            for job in jobs:
                self._perform_alone(job)
        finally:
            for job in jobs:
                job.done = True

    def _perform_together(self, jobs: Iterable[_Job[Any]]) -> None:
        with self._writing() as connection:
            for job in jobs:
                job.perform(connection)

    def _perform_alone(self, job: _Job[Any]) -> None:
        try:
            self._perform_together([job])
        except Exception as problem:
            job.problem = problem
