"""Projects: whatever is stored belongs to one, and a key opens exactly one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from pytest_opswald.server.database import tables, units

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Project:
    """Whose data is asked for."""

    id: int
    name: str
    hash_key: bytes = field(repr=False)
    """Keys its content hashes, so that they tell other projects nothing."""


def named(connection: Connection, name: str) -> Project | None:
    found = connection.execute(_SELECT.where(tables.projects.c.name == name)).one_or_none()
    return Project(*found) if found else None


def numbered(connection: Connection, project_id: int) -> Project:
    """Raises NoResultFound."""
    return Project(
        *connection.execute(_SELECT.where(tables.projects.c.project_id == project_id)).one()
    )


def all_of(connection: Connection) -> list[Project]:
    """Every project of a database."""
    rows = connection.execute(_SELECT.order_by(tables.projects.c.project_id))
    return [Project(*row) for row in rows]


def ensured(connection: Connection, name: str = DEFAULT) -> Project:
    """The project of that name, made when there is none."""
    if there := named(connection, name):
        return there
    hash_key = secrets.token_bytes(32)
    made = connection.execute(
        insert(tables.projects)
        .values(name=name, hash_key=hash_key, created_at=units.now())
        .returning(tables.projects.c.project_id)
    )
    return Project(made.scalar_one(), name, hash_key)


_SELECT = select(tables.projects.c.project_id, tables.projects.c.name, tables.projects.c.hash_key)
