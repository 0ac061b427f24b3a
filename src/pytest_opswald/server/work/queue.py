"""Replays handed out by Procrastinate, for those who run its workers anyway (`[queue]`).

Its jobs only say that a replay is due: who may play it is decided by the lease in its row, as
always. A job that is lost with its worker does no harm: the replay's lease ends, and the next look
hands it out again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from threading import Event, Thread
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.settings import ServerSettings

from .leasing import Leasing
from .worker import IDLE_SECONDS, Worker

_QUEUE, _TASK = "opswald", "opswald.replay"
_LOCK = 0x0A5A1D
"""Key of the lock under which Procrastinate's tables are made."""
_LOG = logging.getLogger("pytest_opswald.server")


@contextmanager
def dispatching(database: Database) -> Iterator[None]:
    """Hand out what is due until the block ends. Raises InvalidSetting where that is impossible."""
    import_queue(database)
    from procrastinate import App, SyncPsycopgConnector

    with App(connector=SyncPsycopgConnector(conninfo=_url(database))).open() as app:
        _make_tables(database, app)
        awake, stopping = Event(), Event()
        database.on_word(awake.set)
        thread = Thread(target=_dispatch, args=(app, database, awake, stopping), name="dispatch")
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            awake.set()
            thread.join()


def work(settings: ServerSettings, database: Database) -> None:
    """Play what is handed out until this process is asked to stop. Raises InvalidSetting."""
    import_queue(database)
    from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

    with App(connector=SyncPsycopgConnector(conninfo=_url(database))).open() as app:
        _make_tables(database, app)
    worker = Worker(settings, database)
    queue = App(connector=PsycopgConnector(conninfo=_url(database)))
    queue.task(name=_TASK, queue=_QUEUE)(worker.play)
    with worker.beating():
        queue.run_worker(queues=[_QUEUE], concurrency=settings.replay_hands)


def import_queue(database: Database) -> None:
    """Raises InvalidSetting where there is no Procrastinate, or nothing for it to work on."""
    if find_spec("procrastinate") is None:
        raise InvalidSetting(
            "Procrastinate is not installed: pip install 'pytest-opswald[server,postgres,queue]'"
        )
    if database.file:
        raise InvalidSetting("--queue procrastinate wants --db postgresql://...")


def _dispatch(app: Any, database: Database, awake: Event, stopping: Event) -> None:
    leasing = Leasing(database)
    while not stopping.is_set():
        wait = IDLE_SECONDS
        try:
            for pk in leasing.due():
                _defer(app, pk)
            wait = leasing.seconds_to_next(IDLE_SECONDS)
        except SQLAlchemyError:
            _LOG.exception("replays: the database did not answer")
        awake.wait(wait)
        awake.clear()


def _defer(app: Any, pk: int) -> None:
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

    try:
        with suppress(AlreadyEnqueued):
            deferred = app.configure_task(_TASK, queue=_QUEUE, queueing_lock=f"{_TASK} {pk}")
            deferred.defer(pk=pk)
    except ConnectorException:
        _LOG.exception("replays: one is handed out again at the next look")


def _make_tables(database: Database, app: Any) -> None:
    with database.writing() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        there = connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar()
        if there is None:
            app.schema_manager.apply_schema()


def _url(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)
