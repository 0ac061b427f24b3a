"""Connections: one for a write, any number to read, on SQLite and on PostgreSQL.

SQLite: one writer that waits its turn, readers that cannot write. A reader sees one moment, however
many statements it makes; so do readers on PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from starlette.concurrency import run_in_threadpool

from pytest_opswald.errors import InvalidSetting

from .batches import Batches, Result

READERS = 40
"""As many as threads that answer requests."""
PATIENCE_SECONDS = 30
"""How long a request waits for its turn to write."""
STATEMENT_SECONDS = 60
"""How long one statement may take."""
_PRAGMAS = (
    "auto_vacuum=INCREMENTAL",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "secure_delete=ON",  # what is deleted is not left lying in the file
)
Given = TypeVar("Given")
_SILENT = {"hide_parameters": True}
"""Errors, which are logged, do not tell the values of a statement: they are what users said."""
_UNTIL = "pytest_opswald.until"
_WORD = "pytest_opswald.word"
_LAST = "pytest_opswald.last"


class Database:
    """One database, and the connections to it."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSetting when the URL names neither SQLite nor PostgreSQL."""
        self.url = _driven(url)
        self.file = _file_of(self.url)
        self._listeners: list[Callable[[], None]] = []
        if self.file:
            _keep_private(self.file)
            self._writer, self._reader = _sqlite_writer(self.url), _sqlite_reader(self.file)
        else:
            self._writer, self._reader = _postgres(self.url)
        self._batches = Batches(self.writing) if self.file else None

    @property
    def engine(self) -> Engine:
        """That of the writer."""
        return self._writer

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one moment and cannot write."""
        return self._reader.begin()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes are kept when the block ends, and dropped when it raises."""
        with self._writer.begin() as connection:
            # A connection is used again; of a transaction that failed nothing is left.
            connection.info.update({_WORD: False, _LAST: {}})
            yield connection
            for work, given in connection.info[_LAST].items():
                work(connection, given)
            word = connection.info[_WORD]
        if word:
            for listener in self._listeners:
                listener()

    def on_word(self, listener: Callable[[], None]) -> None:
        """Call this behind every transaction in which somebody left word."""
        self._listeners.append(listener)

    async def written(self, work: Callable[[Connection], Result]) -> Result:
        """What a small piece of work came to in a transaction; on SQLite one that others share.

        It may be run twice, and raises what the second time raised.
        """
        if self._batches:
            return await self._batches.do(work)
        return await run_in_threadpool(self._written_alone, work)

    def _written_alone(self, work: Callable[[Connection], Result]) -> Result:
        with self.writing() as connection:
            return work(connection)

    def close(self) -> None:
        if self._batches:
            self._batches.close()
        self._reader.dispose()
        self._writer.dispose()


def leave_word(connection: Connection) -> None:
    """There is work for others once this transaction is kept."""
    connection.info[_WORD] = True


def at_last(
    connection: Connection, work: Callable[[Connection, Given], None], given: Callable[[], Given]
) -> Given:
    """What `work` is called with just before this transaction is kept, to be added to.

    `given` makes it, once for a transaction: what many do in one can be written at once.
    """
    last: dict[Any, Given] = connection.info[_LAST]
    return last.setdefault(work, given())


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database while the block lasts."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database, whether or not it is there; None for PostgreSQL."""
    return _file_of(_driven(url))


def _driven(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unusable("this") from None  # it may hold a password
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise _unusable(repr(parsed))


def _unusable(named: str) -> InvalidSetting:
    return InvalidSetting(
        f"{named} is no database of ours: sqlite:///opswald.db or postgresql://user@host/name"
    )


def _file_of(url: URL) -> Path | None:
    return Path(url.database or "").absolute() if url.drivername == "sqlite" else None


def _keep_private(file: Path) -> None:
    """A new file holds keys of hooks and what users said: nobody but its owner reads it."""
    with suppress(OSError):  # SQLite says it better
        file.touch(mode=0o600)


def _sqlite_writer(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 10},
        **_SILENT,
    )
    event.listen(engine, "connect", _prepare_writer)
    # Taking the lock at once: a transaction that reads first could not be sure to get it later.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_writer(connection: sqlite3.Connection, _: Any) -> None:
    for pragma in _PRAGMAS:
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

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=READERS, **_SILENT
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    event.listen(engine, "connect", _limit_statements)
    event.listen(engine, "before_cursor_execute", _begin_statement)
    return engine


def _limit_statements(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    """Whatever is asked: it ends. SQLite asks every so many instructions whether to go on."""
    connection.set_progress_handler(lambda: monotonic() > record.info.get(_UNTIL, inf), 100_000)


def _begin_statement(connection: Connection, *_: Any) -> None:
    connection.info[_UNTIL] = monotonic() + STATEMENT_SECONDS


def _postgres(url: URL) -> tuple[Engine, Engine]:
    limits = {"connect_args": {"options": f"-c statement_timeout={STATEMENT_SECONDS}s"}}
    writer = create_engine(
        url, pool_size=10, max_overflow=10, pool_pre_ping=True, **limits, **_SILENT
    )
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writer, reader
