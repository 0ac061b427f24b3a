"""One after the other, where a row to lock may not be there yet."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

_LOCK = 0x4F5054
"""First half of the name of these locks; what they are about is the second."""
_TAKE = select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(bindparam("about"))))


def in_turn(connection: Connection, *about: object) -> None:
    """Whoever does something about the same waits here until this transaction ends.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE, {"about": " ".join(map(str, about))})
