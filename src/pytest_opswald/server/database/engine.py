"""Connections: one for a write, any number to read, on SQLite and on PostgreSQL.

SQLite: one writer that waits its turn, readers that cannot write. A reader sees one moment, however
many statements it makes; so do readers on PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from pytest_opswald.errors import InvalidSetting

READERS = 40
"""As many as threads that answer requests."""
PATIENCE_SECONDS = 30
"""How long a request waits for its turn to write."""


class Database:
    """One database, and the connections to it."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSetting when the URL names neither SQLite nor PostgreSQL."""
        self.url = _driven(url)
        self.file = _file_of(self.url)
        if self.file:
            self._writer, self._reader = _sqlite_writer(self.url), _sqlite_reader(self.file)
        else:
            self._writer, self._reader = _postgres(self.url)

    @property
    def engine(self) -> Engine:
        """That of the writer."""
        return self._writer

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment and cannot write."""
        return self._reader.begin()

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection whose changes are kept when the block ends, and dropped when it raises."""
        return self._writer.begin()

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database while the block lasts."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _driven(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unusable(url) from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise _unusable(url)


def _unusable(url: str) -> InvalidSetting:
    return InvalidSetting(
        f"{url!r} is no database of ours: sqlite:///opswald.db or postgresql://user@host/name"
    )


def _file_of(url: URL) -> Path | None:
    return Path(url.database or "").absolute() if url.drivername == "sqlite" else None


def _sqlite_writer(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 10},
    )
    event.listen(engine, "connect", _prepare_writer)
    # Taking the lock at once: a transaction that reads first could not be sure to get it later.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_writer(connection: sqlite3.Connection, _: Any) -> None:
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_reader(file: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{file.as_uri()}?mode=ro",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=10,
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=READERS)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _postgres(url: URL) -> tuple[Engine, Engine]:
    limits = {"connect_args": {"options": "-c statement_timeout=60000"}}
    writer = create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, **limits)
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writer, reader
