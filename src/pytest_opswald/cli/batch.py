"""Many goldens replayed side by side, within a budget, and resumed after an interruption."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path

from pytest_opswald.store.sidecars import FOLDER, prepare

from .job import Done, Job

KIND = "replays"


class Batch:
    """Runs jobs; every trial that has ended is kept until all jobs have."""

    def __init__(
        self, jobs: Sequence[Job], *, root: Path, parallel: int, most_usd: float | None
    ) -> None:
        self._jobs = jobs
        self._folder = root / FOLDER / KIND
        self._root = root
        self._parallel = parallel
        self._most_usd = most_usd
        self._trials: dict[Path, list[Done]] = {}
        """Of each job, by its golden, as far as they have ended."""
        self.spent = 0.0
        """USD, of replays that have ended."""
        self._dearer = 1.0
        """How many times its estimate the dearest replay has cost so far."""
        self.left_out: list[Path] = []
        """Goldens that the budget did not allow, or not often enough."""

    def run(self, *, fresh: bool = False) -> Iterator[tuple[Job, Done, bool]]:
        """Each job as it ends, and whether its result had been kept from an earlier run."""
        todo: list[Job] = []
        for job in self._jobs:
            kept = self._trials[job.path] = [] if fresh else list(self._kept(job))
            self.spent += sum(one.usd for one in kept)
            if result := job.result(kept):
                yield job, result, True
            else:
                todo.append(job)
        yield from self._played(todo)
        if not self.left_out:
            for job in self._jobs:
                for number, _ in enumerate(self._trials[job.path]):
                    self._file(job, number).unlink(missing_ok=True)

    def _played(self, todo: list[Job]) -> Iterator[tuple[Job, Done, bool]]:
        pool = ThreadPoolExecutor(self._parallel, thread_name_prefix="opswald-replay")
        running: dict[Future[Done], Job] = {}
        try:
            while todo or running:
                while todo and len(running) < self._parallel:
                    job = todo.pop(0)
                    if self._allows(job, running.values()):
                        running[pool.submit(job.play)] = job
                    else:
                        self.left_out.append(job.path)
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    job, done = running.pop(future), future.result()
                    self._keep(job, done)
                    if result := job.result(self._trials[job.path]):
                        yield job, result, False
                    else:
                        todo.insert(0, job)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for future, job in running.items():  # paid for: an interruption must not lose them
                if future.done() and not future.cancelled() and future.exception() is None:
                    self._keep(job, future.result())

    def _allows(self, job: Job, running: Iterable[Job]) -> bool:
        if self._most_usd is None:
            return True
        estimated = sum(one.estimate_usd for one in (*running, job))
        return self.spent + estimated * self._dearer <= self._most_usd

    def _file(self, job: Job, number: int) -> Path:
        return self._folder / f"{job.key}-{number}.json"

    def _kept(self, job: Job) -> Iterator[Done]:
        """Its trials that had ended, numbered from 0."""
        with suppress(OSError, ValueError, TypeError):
            for number in count():
                data = json.loads(self._file(job, number).read_bytes())
                lists = {name: tuple(data[name]) for name in ("report", "breaches")}
                yield Done(**{**data, **lists})

    def _keep(self, job: Job, done: Done) -> None:
        trials = self._trials[job.path]
        file = self._file(job, len(trials))
        trials.append(done)
        self.spent += done.usd
        if job.estimate_usd:
            self._dearer = max(self._dearer, done.usd / job.estimate_usd)
        with suppress(OSError):
            prepare(self._root, file)
            unfinished = file.with_suffix(".tmp")
            unfinished.write_text(json.dumps(asdict(done)), encoding="utf-8")
            unfinished.replace(file)
