"""One replay that a worker has leased: what it may write, and only while it is his."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from pytest_opswald.api.replays import Modifications
from pytest_opswald.api.steps import Step
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database, leave_word
from pytest_opswald.server.storage import replay_answers, replays, snapshots
from pytest_opswald.server.storage.projects import Project
from pytest_opswald.trace.trace import Trace

from .cursor import Cursor, columns, cursor_of
from .pace import due_at


class LeaseLost(Exception):
    """Somebody else has it now, or its past is not what it was."""


@dataclass
class Job:
    """A leased replay."""

    database: Database
    project: Project
    row: Any
    owner: str

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """As they were recorded."""
        with self.database.reading() as connection:
            return snapshots.opened(connection, self.project, self.row.snapshot_pk)

    @cached_property
    def trace(self) -> Trace:
        return from_api(self.steps)

    @cached_property
    def modifications(self) -> Modifications:
        return Modifications.model_validate_json(self.row.modifications)

    @property
    def cursor(self) -> Cursor:
        return cursor_of(self.row)

    def answers(self) -> list[Any]:
        """What was paid for already."""
        with self.database.reading() as connection:
            rows = replay_answers.of(connection, self.project, self.row.pk)
        return [replay_answers.said(row) for row in rows if row.data is not None]

    @contextmanager
    def writing(self, *, same_past: bool = True) -> Iterator[tuple[Connection, Any]]:
        """A transaction, and the row as it is now. Raises LeaseLost."""
        epoch = self.row.epoch if same_past else None
        with self.database.writing() as connection:
            row = replays.owned(connection, self.row.pk, owner=self.owner, epoch=epoch)
            if row is None or row.id != self.row.id:  # SQLite numbers a new one as one deleted
                raise LeaseLost
            yield connection, row

    def reached(self, step: int) -> bool:
        """Write down that steps up to this one are completed; whether to go on at once."""
        with self.writing() as (connection, row):
            cursor, now = cursor_of(row).reached(step), units.now()
            due = due_at(connection, self.project, row, cursor, now=now)
            goes_on = due is not None and due <= now
            lease = {} if goes_on else {"owner": None, "leased_until": 0}
            told = columns(cursor) | {"due_at": due} | lease
            replays.changed(connection, row.pk, **told)
            self.row = replays.numbered(connection, row.pk)
        return goes_on

    def let_go(self) -> None:
        """Somebody else may go on."""
        with self.database.writing() as connection:
            replays.let_go(connection, self.row.pk, owner=self.owner)
            leave_word(connection)
