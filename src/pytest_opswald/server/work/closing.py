"""Sessions that were left alone, and what still runs in them, are ended while a server runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.storage import projects, session_lists

_LOOK_SECONDS = 1.0
_LOG = logging.getLogger("pytest_opswald.server")


@contextmanager
def closing(database: Database) -> Iterator[None]:
    """Look for such sessions once in a while, until the block ends."""
    done = Event()
    thread = Thread(target=_look, args=(database, done), name="sessions")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _look(database: Database, done: Event) -> None:
    while not done.wait(_LOOK_SECONDS):
        try:
            _close(database)
        except SQLAlchemyError:
            _LOG.exception("sessions: the database did not answer")


def _close(database: Database) -> None:
    now = units.now()
    with database.reading() as connection:
        idle = [
            (project, session_id)
            for project in projects.all_of(connection)
            for session_id in session_lists.left_alone(connection, project, now=now)
        ]
    for project, session_id in idle:
        with database.writing() as connection:
            session_lists.ended_if_idle(connection, project, session_id, now=now)
