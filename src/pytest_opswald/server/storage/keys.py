"""API keys: only their SHA-256 is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from pytest_opswald.api.ids import new_id
from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import api_keys, projects
from pytest_opswald.server.database.units import moment

from .projects import Project

USED_EVERY = 60 * 10**6
"""Microseconds between two notes of when a key was used last."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as lists show it."""

    id: str
    project: str
    name: str
    shown: str
    """`ops_...4fPq`"""
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a valid key opens."""

    key_id: str
    project: Project
    scopes: tuple[str, ...]
    expires_at: int | None
    use_is_old: bool
    """Whether it is time to note that it is used."""


def created(
    connection: Connection,
    project: Project,
    *,
    name: str,
    digest: bytes,
    shown: str,
    scopes: Collection[str],
    expires_at: datetime | None,
) -> str:
    """Its id."""
    key_id = new_id("key")
    row = {
        "project_id": project.id,
        "id": key_id,
        "name": name,
        "hash": digest,
        "shown": shown,
        "scopes": " ".join(scopes),
        "created_at": units.now(),
        "expires_at": expires_at and units.stamp(expires_at),
    }
    connection.execute(insert(api_keys).values(row))
    return key_id


def opened(connection: Connection, digest: bytes, now: int) -> Opened | None:
    """What the key opens; None when nobody has it, it expired or was revoked."""
    found = connection.execute(
        select(api_keys, projects.c.name.label("project"), projects.c.hash_key)
        .join(projects, projects.c.project_id == api_keys.c.project_id)
        .where(api_keys.c.hash == digest, api_keys.c.revoked_at.is_(None))
    ).one_or_none()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    project = Project(found.project_id, found.project, found.hash_key)
    use_is_old = found.last_used_at is None or found.last_used_at <= now - USED_EVERY
    return Opened(found.id, project, tuple(found.scopes.split()), found.expires_at, use_is_old)


def used(connection: Connection, key_ids: Collection[str], now: int) -> None:
    """Note that keys are in use."""
    connection.execute(update(api_keys).where(api_keys.c.id.in_(key_ids)).values(last_used_at=now))


def listed(connection: Connection) -> Sequence[ApiKey]:
    """All keys of all projects, oldest first."""
    found = connection.execute(
        select(api_keys, projects.c.name.label("project"))
        .join(projects, projects.c.project_id == api_keys.c.project_id)
        .order_by(api_keys.c.created_at, api_keys.c.id)
    )
    return [
        ApiKey(
            row.id,
            row.project,
            row.name,
            row.shown,
            tuple(row.scopes.split()),
            moment(row.created_at),
            _moment(row.expires_at),
            _moment(row.revoked_at),
            _moment(row.last_used_at),
        )
        for row in found
    ]


def any_valid(connection: Connection, now: int) -> bool:
    """Whether anybody could come in with a key."""
    usable = api_keys.c.revoked_at.is_(None) & (
        api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > now)
    )
    return connection.execute(select(api_keys.c.id).where(usable).limit(1)).first() is not None


def revoked(connection: Connection, key_id: str) -> int | None:
    """Take a key back; the number of its project, None when there is no such key in force."""
    return connection.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=units.now())
        .returning(api_keys.c.project_id)
    ).scalar_one_or_none()


def _moment(stamp: int | None) -> datetime | None:
    return None if stamp is None else moment(stamp)
