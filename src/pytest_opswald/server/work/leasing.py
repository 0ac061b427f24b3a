"""Takes replays from the database for one worker, and keeps them his."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.storage import projects, replays

from .job import Job


class Leasing:
    """The leases of one worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = uuid4().hex

    def taken(self, most: int) -> Sequence[int]:
        """Numbers of replays that are due and now his."""
        now = units.now()
        with self._database.reading() as connection:
            if not replays.any_due(connection, now=now):
                return []
        with self._database.writing() as connection:
            return replays.leased(connection, owner=self._owner, now=now, most=most)

    def due(self) -> Sequence[int]:
        """Numbers of replays that anybody may take."""
        with self._database.reading() as connection:
            return replays.due(connection, now=units.now())

    def takes(self, pk: int) -> bool:
        """Whether this one is due, and now his."""
        now = units.now()
        with self._database.writing() as connection:
            return bool(replays.leased(connection, owner=self._owner, now=now, most=1, pk=pk))

    def seconds_to_next(self, most: float) -> float:
        """Until something is planned, as far as that is known."""
        now = units.now()
        with self._database.reading() as connection:
            planned = replays.next_due(connection, now=now)
        return most if planned is None else min(most, (planned - now) / 10**6)

    def job(self, pk: int) -> Job | None:
        """The replay, unless it is gone or somebody else's meanwhile."""
        with self._database.reading() as connection:
            row = replays.numbered(connection, pk)
            if row is None or row.owner != self._owner:
                return None
            project = projects.numbered(connection, row.project_id)
        return Job(self._database, project, row, self._owner)

    def renew(self, pks: Sequence[int]) -> None:
        """He is alive."""
        if pks:
            with self._database.writing() as connection:
                replays.renewed(connection, pks, owner=self._owner, now=units.now())
