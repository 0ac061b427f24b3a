"""Makes the attempts that are due, and writes down what came of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.storage import deliveries, notices
from pytest_opswald.server.storage.deliveries import Due, Outcome

from .schedule import next_attempt
from .sending import Attempt
from .signing import signed

_WAITS = frozenset({429, 503})
"""Answers whose Retry-After counts."""
_GONE = 410


class Post(Protocol):
    """Makes one attempt; `sending.Sender` over the network."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt: ...


class Courier:
    """Everything about deliveries but the threads."""

    def __init__(
        self,
        database: Database,
        sender: Post,
        *,
        now: Callable[[], int] = units.now,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._sender = sender
        self._now = now
        self._dice = dice

    def due(self, *, busy: Collection[str], most: int) -> Sequence[Due]:
        """Attempts to be made now, none of them to a webhook that is busy."""
        with self._database.reading() as connection:
            new = notices.waiting(connection)
            planned = deliveries.any_due(connection, now=self._now(), busy=busy)
        if not new and not planned:
            return []
        with self._database.writing() as connection:
            if new:
                notices.passed_on(connection, now=self._now())
            return deliveries.leased(connection, now=self._now(), busy=busy, most=most)

    def deliver(self, due: Due) -> None:
        """Make one attempt."""
        at = units.moment(self._now())
        headers = signed(due.id, due.body, at=at, with_secrets=due.secrets)
        attempt = self._sender.post(due.url, due.body, headers)
        with self._database.writing() as connection:
            deliveries.settled(connection, due, self._outcome(due, attempt))

    def _outcome(self, due: Due, attempt: Attempt) -> Outcome:
        gone = attempt.status == _GONE
        next_at = None if attempt.ok or gone else self._next(due, attempt)
        return Outcome(
            status="delivered" if attempt.ok else "failed" if next_at is None else "pending",
            next_at=next_at,
            response_code=attempt.status,
            answer=attempt.answer,
            problem=attempt.problem,
            duration_ms=attempt.milliseconds,
            gone=gone,
        )

    def _next(self, due: Due, attempt: Attempt) -> int | None:
        told = attempt.retry_after if attempt.status in _WAITS else None
        now = units.moment(self._now())
        then = next_attempt(due.attempts, now=now, told=told, dice=self._dice)
        return None if then is None else units.stamp(then)
