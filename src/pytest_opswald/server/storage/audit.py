"""Who changed what: rows of which each holds a hash of all before it.

A row that is changed, taken out or put in breaks the chain where that happened. Taking away the
newest rows does not: whoever wants to know of that keeps the last hash elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, insert, select, text

from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import audit

_FIRST = bytes(32)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole chain found."""

    rows: int
    head: bytes
    """Hash of the newest row."""
    broken_at: int | None = None
    """Number of the first row that does not follow from those before it."""


def noted(connection: Connection, project_id: int, actor: str, action: str, target: str) -> None:
    """Add a row, in the transaction of what it tells of."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    newest = connection.execute(
        select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).one_or_none()
    seq, before = newest or (0, _FIRST)
    row = {
        "seq": seq + 1,
        "project_id": project_id,
        "at": units.now(),
        "actor": actor,
        "action": action,
        "target": target,
    }
    connection.execute(insert(audit).values(**row, hash=_hash(before, row)))


def verified(connection: Connection) -> Verdict:
    """Whether every row follows from those before it."""
    head, rows = _FIRST, 0
    for row in _all(connection):
        told = row.pop("hash")
        rows += 1
        if row["seq"] != rows or told != _hash(head, row):
            return Verdict(rows, head, broken_at=row["seq"])
        head = told
    return Verdict(rows, head)


def _all(connection: Connection) -> Iterator[dict[str, Any]]:
    found = connection.execution_options(yield_per=1000).execute(select(audit).order_by("seq"))
    return (dict(row) for row in found.mappings())


def _hash(before: bytes, row: dict[str, Any]) -> bytes:
    """Of the row behind the one with that hash."""
    told = [row[name] for name in ("seq", "project_id", "at", "actor", "action", "target")]
    return sha256(before + to_json(told)).digest()
