"""Many goldens replayed side by side, within a budget, and resumed after an interruption."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from pytest_opswald.store.sidecars import FOLDER, prepare

KIND = "replays"


@dataclass(frozen=True, slots=True)
class Done:
    """One golden that has been replayed; plain values, so that it can be kept as JSON."""

    golden: str
    failed: bool
    infra: bool
    """Failed for reasons outside the agent alone: rate limits, server errors."""
    fidelity: str
    coverage: str
    first_divergence: str
    usd: float
    tokens: int
    report: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One golden to replay."""

    path: Path
    key: str
    """What was replayed and how: equal keys make a finished replay worth keeping."""
    estimate_usd: float
    """What it cost when it was recorded."""
    play: Callable[[], Done]


def key_of(content: bytes, *how: str) -> str:
    return sha256(b"\0".join((content, *(word.encode() for word in how)))).hexdigest()[:32]


class Batch:
    """Runs jobs; what has ended is kept until all have."""

    def __init__(
        self, jobs: Sequence[Job], *, root: Path, parallel: int, most_usd: float | None
    ) -> None:
        self._jobs = jobs
        self._folder = root / FOLDER / KIND
        self._root = root
        self._parallel = parallel
        self._most_usd = most_usd
        self.spent = 0.0
        """USD, of replays that have ended."""
        self.left_out: list[Path] = []
        """Goldens that the budget did not allow."""

    def run(self, *, fresh: bool = False) -> Iterator[tuple[Job, Done, bool]]:
        """Each job as it ends, and whether its result had been kept from an earlier run."""
        todo: list[Job] = []
        for job in self._jobs:
            kept = None if fresh else self._kept(job)
            if kept:
                self.spent += kept.usd
                yield job, kept, True
            else:
                todo.append(job)
        yield from self._played(todo)
        if not self.left_out:
            for job in self._jobs:
                self._file(job).unlink(missing_ok=True)

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
                    self.spent += done.usd
                    self._keep(job, done)
                    yield job, done, False
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for future, job in running.items():  # paid for: an interruption must not lose them
                if future.done() and not future.cancelled() and future.exception() is None:
                    self._keep(job, future.result())

    def _allows(self, job: Job, running: Iterable[Job]) -> bool:
        if self._most_usd is None:
            return True
        under_way = sum(one.estimate_usd for one in running)
        return self.spent + under_way + job.estimate_usd <= self._most_usd

    def _file(self, job: Job) -> Path:
        return self._folder / f"{job.key}.json"

    def _kept(self, job: Job) -> Done | None:
        with suppress(OSError, ValueError, TypeError):
            data = json.loads(self._file(job).read_bytes())
            return Done(**{**data, "report": tuple(data["report"])})
        return None

    def _keep(self, job: Job, done: Done) -> None:
        file = self._file(job)
        with suppress(OSError):
            prepare(self._root, file)
            unfinished = file.with_suffix(".tmp")
            unfinished.write_text(json.dumps(asdict(done)), encoding="utf-8")
            unfinished.replace(file)
