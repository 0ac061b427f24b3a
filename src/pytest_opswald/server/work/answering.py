"""Answers for a playback: those that were paid for before, then new ones."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.server.database import units
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import replay_answers, replays, spending
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.errors import message_of
from pytest_opswald.wire.records import read, to_record

from .job import Job, LeaseLost
from .provider import Provider, price

_MOST_ATTEMPTS = 2
"""Of one call; whoever was killed twice while it was made may be killed by it."""
_PATIENCE = 600.0
"""Seconds for one call, unless the replay says otherwise."""


class Failed(Exception):
    """The replay cannot go on."""

    def __init__(self, kind: str, message: str, step: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.step = kind, message, step


class Answering:
    """Sends what a playback asks; each answer is kept before it is used."""

    def __init__(
        self, job: Job, provider: Provider, settings: ServerSettings, asking: Callable[[], int]
    ) -> None:
        self._job, self._provider, self._settings = job, provider, settings
        self._asking = asking
        self._known = iter(job.answers())

    def send(self, request: Request) -> Response | Failure:
        """Raises Failed, LeaseLost."""
        for known in self._known:
            return _restored(known)
        return self._made(request, self._asking())

    def _made(self, request: Request, step: int) -> Response | Failure:
        job = self._job
        with job.writing() as (connection, row):
            self._check_spending(connection, row, step)
            n, attempts = replay_answers.begun(connection, job.project, row.pk, step)
        if attempts > _MOST_ATTEMPTS:
            raise Failed("interrupted", "The server ended twice during this call", step)
        answer = self._sent(request, step)
        cost = attempts * units.units(price(request, answer))
        try:
            self._keep(n, request, answer, cost)
        except LeaseLost:
            with job.database.writing() as connection:
                replay_answers.late(connection, job.project, job.row.id, n, cost)
            raise
        _check(request, answer, step)
        return answer

    def _keep(self, n: int, request: Request, answer: Response | Failure, cost: int) -> None:
        job = self._job
        with job.writing(same_past=False) as (connection, row):
            is_stale = row.epoch != job.row.epoch
            kept = None if is_stale else _kept(request, answer)
            replay_answers.kept(connection, job.project, row.pk, n, kept, cost)
        if is_stale:
            raise LeaseLost

    def _sent(self, request: Request, step: int) -> Response | Failure:
        seconds = self.seconds_left()
        if seconds <= 0:
            raise Failed("timeout", "The time for this replay is over", step)
        try:
            answer = self._provider.send(request, seconds=seconds)
        except CannotSend as problem:
            raise Failed("llm_error", str(problem), step) from None
        if isinstance(answer, Failure) and self.seconds_left() <= 0:
            raise Failed("timeout", "The time for this replay is over", step)
        return answer

    def seconds_left(self) -> float:
        """For the next call."""
        told, row = self._job.modifications.timeout, self._job.row
        if told is None:
            return _PATIENCE
        if row.mode == "interactive":
            return told
        begun: int = row.begun_at or row.started_at
        return told - (time.time() - begun / 10**6)

    def _check_spending(self, connection: Connection, row: Any, step: int) -> None:
        project, caps = self._job.project, self._settings
        spent = row.spent
        if row.run_pk is not None:
            spent = replays.spent_by_run(connection, project, row.run_pk)
        if units.usd(spent) >= caps.replay_usd:
            raise Failed("spend_cap", f"{caps.replay_usd:g} USD are spent: --replay-usd", step)
        if units.usd(spending.of_a_day(connection, project)) >= caps.replay_usd_a_day:
            raise Failed(
                "spend_cap",
                f"{caps.replay_usd_a_day:g} USD are spent today: --replay-usd-a-day",
                step,
            )


def _check(request: Request, answer: Response | Failure, step: int) -> None:
    if isinstance(answer, Failure):
        raise Failed("llm_error", f"{answer.kind}: {answer.message}", step)
    if answer.status >= 400:
        said = message_of(to_record(request, answer).body) or ""
        raise Failed("llm_error", f"The provider answered {answer.status}: {said}"[:1000], step)


def _kept(request: Request, answer: Response | Failure) -> Any:
    """What `_restored` wants, and what is shown of it until the end."""
    if isinstance(answer, Failure):
        return {"failure": [answer.kind, answer.message]}
    body = b64encode(answer.body).decode()
    return {"status": answer.status, "headers": answer.headers, "body": body} | _shown(
        request, answer
    )


def _shown(request: Request, answer: Response) -> dict[str, Any]:
    try:
        reading = read(to_record(request, answer))
    except ValueError:
        return {}
    model = reading.output.model or reading.input.model
    return {"model": model, "output": reading.output.model_dump(mode="json", exclude_defaults=True)}


def _restored(kept: Any) -> Response | Failure:
    if "failure" in kept:
        return Failure(*kept["failure"])
    headers = tuple((name, value) for name, value in kept["headers"])
    return Response(kept["status"], headers, (b64decode(kept["body"]),))
