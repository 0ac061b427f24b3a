"""One replay, played as far as it is wanted.

Whoever plays it may die at any time: what is completed is in its row, what was paid for is in its
answers, and everything else follows from these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property

from pydantic_core import from_json
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.golden_tests import Result
from pytest_opswald.api.replays import ReplayProblem, ReplayResult
from pytest_opswald.errors import OpswaldError
from pytest_opswald.interop.modifications import spec_of
from pytest_opswald.playback import Playback
from pytest_opswald.server.database import units
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import expectations, golden_runs, payloads, replays, snapshots
from pytest_opswald.trace.golden import Golden, suggested_outcome
from pytest_opswald.trace.outcome import ExpectedOutcome

from . import judging
from .answering import Answering, Failed
from .cursor import Cursor
from .endings import ended, mode_of
from .job import Job, LeaseLost
from .judging import Judged
from .pace import is_paced
from .provider import Provider

_LOG = logging.getLogger("pytest_opswald.server")


class Replaying:
    """Plays a leased replay until it waits, is lost or ends."""

    def __init__(
        self,
        job: Job,
        provider: Provider,
        settings: ServerSettings,
        stopping: Callable[[], bool],
    ) -> None:
        self._job, self._provider, self._settings = job, provider, settings
        self._stopping = stopping

    def run(self) -> None:
        """Raises SQLAlchemyError where trying again may help; all else is the end of the replay."""
        try:
            self._play()
        except LeaseLost:
            self._job.let_go()
        except Failed as failure:
            self._fail(failure)
        except OpswaldError as problem:
            self._fail(Failed("replay_error", str(problem)))
        except NoResultFound:
            self._fail(Failed("server_error", "The recording is not there any more"))
        except SQLAlchemyError:
            raise
        except Exception:  # it would fail whoever takes it up next, too
            _LOG.exception("replays: %s", self._job.row.id)
            self._fail(Failed("server_error", "The server failed; its log says more"))

    def _play(self) -> None:
        self._begin()
        while not self._job.cursor.ends:
            if self._stopping():
                self._job.let_go()
                return
            step = self._next(self._job.cursor)
            self._play_to(step)
            if not self._job.reached(step):
                return
        self._finish()

    def _begin(self) -> None:
        with self._job.writing() as (connection, row):
            if row.begun_at is None:
                replays.changed(connection, row.pk, begun_at=units.now())
                if row.run_pk is not None:
                    golden_runs.begin_test(connection, self._job.project, row.run_pk, row.test_id)
            self._job.row = replays.numbered(connection, row.pk)

    def _next(self, cursor: Cursor) -> int:
        """The step to play up to before looking whether anybody wants something else."""
        if cursor.waits and is_paced(self._job.row):
            return cursor.current + 1
        if not self._is_live:
            return cursor.target
        ahead = (n for n in self._questions if cursor.current < n <= cursor.target)
        return next(ahead, cursor.target)

    def _play_to(self, step: int) -> None:
        if not self._is_live or step not in self._questions:
            return
        while self._playback.reached < step and self._playback.advance():
            pass

    def _finish(self) -> None:
        """Whatever takes time is done before anybody waits to write."""
        judged, job = self._judged(), self._job
        result = judged.result(cost=self._cost(judged), fork=job.row.fork_from_step)
        verdict = self._verdict(judged) if job.row.run_pk is not None else None
        pairs = judged.steps(units.moment(job.row.started_at)) if self._is_live else ()
        steps = payloads.prepared(list(pairs), job.project)
        with job.writing() as (connection, row):
            replays.keep_steps(connection, job.project, row.pk, steps)
            if verdict:
                verdict = verdict.model_copy(update={"cost": units.usd(row.spent)})
            ended(connection, job.project, row, "completed", result=result, verdict=verdict)

    def _judged(self) -> Judged:
        if not self._is_live:
            return judging.cached(self._golden)
        while self._playback.advance():
            pass
        played = self._playback.finish()
        if played.diverged:
            message = "The model asked for a tool call of which no result was recorded"
            raise Failed("replay_divergence", message, self._playback.reached)
        return judging.live(played)

    def _verdict(self, judged: Judged) -> Result:
        row = self._job.row
        known = {
            "test_id": row.test_id,
            "name": self._golden.name,
            "replay_id": row.id,
            "mode": mode_of(row),
            "unjudged": self._expectations.unjudged if self._expectations else (),
        }
        return judged.verdict(**known, **({} if self._is_live else {"tokens": TokenCount()}))

    def _cost(self, judged: Judged) -> float:
        if self._is_live:
            return judged.replay.trace.total_cost
        with self._job.database.reading() as connection:
            return units.usd(
                snapshots.cost(connection, self._job.project, self._job.row.snapshot_pk)
            )

    def _fail(self, failure: Failed) -> None:
        problem = ReplayProblem(type=failure.kind, message=failure.message, step=failure.step)
        try:
            with self._job.writing() as (connection, row):
                partial = ReplayResult(total_cost=units.usd(row.spent), duration_ms=0)
                result = partial.model_copy(update={"fidelity": row.fidelity})
                ended(connection, self._job.project, row, "failed", result=result, problem=problem)
        except LeaseLost:
            self._job.let_go()

    @property
    def _is_live(self) -> bool:
        return bool(self._job.row.fidelity != "frozen")

    @cached_property
    def _questions(self) -> tuple[int, ...]:
        """Numbers of the steps that were answered over HTTP."""
        return tuple(step.step_number for step in self._job.trace.exchanges)

    @cached_property
    def _expectations(self) -> expectations.Expectations | None:
        said = self._job.row.expected
        return None if said is None else expectations.read(from_json(said))

    @cached_property
    def _golden(self) -> Golden:
        trace, wanted = self._job.trace, self._expectations
        outcome: ExpectedOutcome = wanted.outcome if wanted else suggested_outcome(trace)
        name = self._job.row.test_id or self._job.row.trace_id
        return Golden(name=name, test=name, expected_outcome=outcome, trace=trace)

    @cached_property
    def _playback(self) -> Playback:
        row = self._job.row
        answering = Answering(
            self._job, self._provider, self._settings, lambda: self._playback.asking
        )
        return Playback(
            self._golden,
            spec_of(self._job.modifications, self._job.trace, row.fork_from_step),
            fidelity=row.fidelity,
            send=answering.send,
        )
