"""`pytest-opswald worker`: makes a server's replays in a process, or on a host, of its own."""

from __future__ import annotations

import argparse
import signal
from threading import Event

from .extras import add_db, add_replays, existing, needs_server, replay_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    add_db(parser)
    add_replays(parser)


def run(options: argparse.Namespace) -> int:
    from pytest_opswald.server.settings import ServerSettings
    from pytest_opswald.server.work.queue import work
    from pytest_opswald.server.work.worker import replaying

    settings = ServerSettings(db=options.db, **replay_settings(options))
    if settings.queue == "procrastinate":
        with existing(options.db) as database:
            work(settings, database)
        return 0
    asked_to_stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.set())
    with existing(options.db) as database, replaying(settings, database):
        asked_to_stop.wait()
    return 0
