"""The threads that deliver while a server runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock, Thread

from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage.deliveries import Due

from .courier import Courier
from .sending import Sender
from .targets import rule_of

HANDS = 8
"""Attempts at the same time, each to another webhook."""
IDLE_SECONDS = 1.0
"""How long a planned attempt, or word of another process, may wait."""
_LOG = logging.getLogger("pytest_opswald.server")


class Worker:
    """Looks for attempts when it is woken, and once in a while."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._awake = Event()
        self._stopping = False
        self._busy: set[str] = set()
        self._lock = Lock()

    def wake(self) -> None:
        """There may be something to do."""
        self._awake.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Deliver until the block ends; attempts that were begun are finished."""
        thread = Thread(target=self._work, name="webhooks")
        thread.start()
        try:
            yield
        finally:
            self._stopping = True
            self.wake()
            thread.join()

    def _work(self) -> None:
        with ThreadPoolExecutor(HANDS, thread_name_prefix="webhook") as hands:
            while not self._stopping:
                self._hand_out(hands)
                self._awake.wait(IDLE_SECONDS)
                self._awake.clear()

    def _hand_out(self, hands: ThreadPoolExecutor) -> None:
        with self._lock:
            busy = frozenset(self._busy)
        if len(busy) >= HANDS:
            return
        try:
            every = self._courier.due(busy=busy, most=HANDS - len(busy))
        except Exception:  # a thread that died would deliver nothing ever again
            _LOG.exception("webhooks: looking for deliveries failed, and is tried again")
            return
        for due in every:
            with self._lock:
                self._busy.add(due.webhook_id)
            hands.submit(self._deliver, due)

    def _deliver(self, due: Due) -> None:
        try:
            self._courier.deliver(due)
        except Exception:  # nobody else would hear of it in a thread of a pool
            _LOG.exception("webhooks: %s is tried again when its lease has ended", due.id)
        finally:
            with self._lock:
                self._busy.discard(due.webhook_id)
            self.wake()


@contextmanager
def delivering(settings: ServerSettings, database: Database) -> Iterator[None]:
    """Deliver what happens in the database until the block ends."""
    worker = Worker(Courier(database, Sender(rule_of(settings))))
    database.on_word(worker.wake)
    with worker.working():
        yield
