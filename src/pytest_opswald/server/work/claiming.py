"""Replays that a runner somewhere else has claimed: his while he says in time that he is at work."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from pytest_opswald.api.replays import Claim
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.problems import invalid
from pytest_opswald.server.storage import replays
from pytest_opswald.server.storage.projects import Project


def claimed(database: Database, project: Project, base_url: str) -> Claim:
    """The oldest replay that waits for a runner, now the caller's; without one, nothing."""
    now = units.now()
    with database.reading() as connection:
        if replays.offered(connection, project, now=now) is None:
            return Claim(replay=None)
    with database.writing() as connection:
        row = replays.offered(connection, project, now=now, lock=True)
        if row is None:  # somebody else was faster
            return Claim(replay=None)
        return _held(connection, row, uuid4().hex, base_url)


def renewed(
    connection: Connection, project: Project, replay_id: str, claim_id: str, base_url: str
) -> Claim:
    """The claim, from now on. Raises ApiProblem when the replay is over, or somebody else's."""
    row = replays.row_of(connection, project, replay_id, lock=True)
    check(row, claim_id)
    if row.owner is None:
        raise invalid("Nobody has claimed this", field="claim_id", expected="that of a claim")
    return _held(connection, row, claim_id, base_url)


def check(row: Any, claim_id: str | None) -> None:
    """Raises ApiProblem when a replay is claimed by somebody else; whoever calls this holds it."""
    if row.owner is not None and row.owner != claim_id:
        raise invalid("Somebody else has this replay", field="claim_id", expected="the last claim")


def _held(connection: Connection, row: Any, claim_id: str, base_url: str) -> Claim:
    until = units.now() + replays.CLAIM
    replays.changed(connection, row.pk, owner=claim_id, leased_until=until)
    return Claim(
        replay=replays.shown(row, base_url),
        claim_id=claim_id,
        lease_seconds=replays.CLAIM / 10**6,
    )
