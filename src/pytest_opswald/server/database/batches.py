"""Small writes that wait for each other share one transaction.

SQLite lets one write at a time, and a transaction costs more than a small write in it. What comes
while a transaction is being written, or in the same round of the event loop, waits for the next
one. It is written in a thread, and nobody is answered before it is committed.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, Task, get_running_loop
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")
_MOST = 100
"""Writes in one transaction: others who want to write wait no longer than for them."""


class _Job(Generic[Result]):
    def __init__(self, work: Callable[[Connection], Result], loop: AbstractEventLoop) -> None:
        self._work = work
        self.outcome: Future[Result] = loop.create_future()
        self.problem: Exception | None = None

    def perform(self, connection: Connection) -> None:
        self._result = self._work(connection)

    def tell(self) -> None:
        if self.outcome.cancelled():
            return
        if self.problem:
            self.outcome.set_exception(self.problem)
        else:
            self.outcome.set_result(self._result)


class Batches:
    """The writes that wait, all of one event loop."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writing = writing
        self._jobs: deque[_Job[Any]] = deque()
        self._writer = ThreadPoolExecutor(1, "writer")
        self._turns: Task[None] | None = None

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction, perhaps twice: the first time it did not happen."""
        loop = get_running_loop()
        job = _Job(work, loop)
        self._jobs.append(job)
        if self._turns is None:
            self._turns = loop.create_task(self._take_turns(loop))
        return await job.outcome

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.shutdown()

    async def _take_turns(self, loop: AbstractEventLoop) -> None:
        while self._jobs:
            jobs = [self._jobs.popleft() for _ in range(min(_MOST, len(self._jobs)))]
            await loop.run_in_executor(self._writer, self._perform, jobs)
            for job in jobs:
                job.tell()
        self._turns = None

    def _perform(self, jobs: Sequence[_Job[Any]]) -> None:
        try:
            self._perform_together(jobs)
        except Exception:
            # One of them failed and all were undone: each once more, and only that one fails.
            for job in jobs:
                self._perform_alone(job)

    def _perform_together(self, jobs: Sequence[_Job[Any]]) -> None:
        with self._writing() as connection:
            for job in jobs:
                job.perform(connection)

    def _perform_alone(self, job: _Job[Any]) -> None:
        try:
            self._perform_together([job])
        except Exception as problem:
            job.problem = problem
