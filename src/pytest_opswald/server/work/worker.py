"""The threads that make replays while a server, or a worker beside it, runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import replays

from .leasing import Leasing
from .provider import Provider
from .replaying import Replaying

IDLE_SECONDS = 1.0
"""How long what another process asked for may wait."""
_BEAT_SECONDS = replays.LEASE / 10**6 / 3
_LOG = logging.getLogger("pytest_opswald.server")


class Worker:
    """Plays replays that are due, as many at a time as it has hands."""

    def __init__(self, settings: ServerSettings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._provider = Provider(os.environ, settings.replay_models)
        self._leasing = Leasing(database)
        self._awake, self._stopping, self._done = Event(), Event(), Event()
        self._busy: set[int] = set()
        self._lock = Lock()

    def wake(self) -> None:
        """There may be something to do."""
        self._awake.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work until the block ends; steps that were begun are finished."""
        work = Thread(target=self._work, name="replays")
        with self.beating():
            work.start()
            try:
                yield
            finally:
                self._stopping.set()
                self.wake()
                work.join()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Keep the leases of what is being played until the block ends."""
        beat = Thread(target=self._beat, name="replays' leases")
        beat.start()
        try:
            yield
        finally:
            self._done.set()
            beat.join()

    def play(self, pk: int) -> None:
        """Play this one, unless somebody else does."""
        if self._leasing.takes(pk):
            self._hold(pk)
            self._play(pk)

    def _work(self) -> None:
        with ThreadPoolExecutor(self._settings.replay_hands, thread_name_prefix="replay") as hands:
            while not self._stopping.is_set():
                self._awake.wait(self._hand_out(hands))
                self._awake.clear()

    def _hand_out(self, hands: ThreadPoolExecutor) -> float:
        """Seconds after which to look again."""
        free = self._settings.replay_hands - len(self._playing())
        if free <= 0:
            return IDLE_SECONDS
        try:
            pks = self._leasing.taken(free)
            wait = self._leasing.seconds_to_next(IDLE_SECONDS)
        except SQLAlchemyError:
            _LOG.exception("replays: the database did not answer")
            return IDLE_SECONDS
        for pk in pks:
            self._hold(pk)
            hands.submit(self._play, pk)
        return wait

    def _play(self, pk: int) -> None:
        try:
            if job := self._leasing.job(pk):
                Replaying(job, self._provider, self._settings, self._stopping.is_set).run()
        except Exception:  # nobody else would hear of it in a thread of a pool
            _LOG.exception("replays: one is taken up again when its lease has ended")
        finally:
            with self._lock:
                self._busy.discard(pk)
            self.wake()

    def _beat(self) -> None:
        """Tell that what is leased is still being worked on."""
        while not self._done.wait(_BEAT_SECONDS):
            try:
                self._leasing.renew(self._playing())
            except SQLAlchemyError:
                _LOG.exception("replays: the database did not answer")

    def _hold(self, pk: int) -> None:
        with self._lock:
            self._busy.add(pk)

    def _playing(self) -> Sequence[int]:
        with self._lock:
            return list(self._busy)


@contextmanager
def replaying(settings: ServerSettings, database: Database) -> Iterator[None]:
    """Play what is asked for in the database until the block ends."""
    if not settings.replay_hands:
        yield
        return
    worker = Worker(settings, database)
    database.on_word(worker.wake)
    with worker.working():
        yield
