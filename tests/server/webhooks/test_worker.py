"""The threads that deliver while a server runs."""

from __future__ import annotations

from collections.abc import Mapping
from queue import Queue
from threading import Event

from pytest_opswald.api.webhooks import WebhookBody
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import projects, webhooks
from pytest_opswald.server.storage.outbox import announce
from pytest_opswald.server.webhooks.courier import Courier
from pytest_opswald.server.webhooks.sending import Attempt
from pytest_opswald.server.webhooks.worker import Worker
from tests.server.conftest import serving

from .receiver import Receiver


def _listen(database: Database, url: str) -> None:
    body = WebhookBody(url=url, events=("trace.completed",))
    with database.writing() as connection:
        webhooks.created(connection, projects.ensured(connection), body, "secret")


def _happens(database: Database) -> None:
    with database.writing() as connection:
        announce(connection, projects.ensured(connection), "trace.completed", {})


def test_what_happened_while_nobody_delivered_is_delivered(
    db: str, database: Database, receiver: Receiver
) -> None:
    """A server that starts again takes up what was left, whatever ended it."""
    _listen(database, receiver.url)
    _happens(database)

    with serving(ServerSettings(db=db)):
        assert receiver.next().headers["webhook-id"].startswith("msg_")


class Stubborn:
    """Answers the first URL only when it is told to."""

    def __init__(self, slow: str) -> None:
        self.slow = slow
        self.told = Event()
        self.heard: Queue[str] = Queue()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        self.heard.put(url)
        if url == self.slow:
            assert self.told.wait(10)
        return Attempt(1, 200)


def test_who_answers_slowly_holds_up_nobody_else(database: Database) -> None:
    """What happens meanwhile is delivered to the others, and to the slow one when it is ready."""
    slow, quick = "https://slow.example/", "https://quick.example/"
    _listen(database, slow)
    _listen(database, quick)
    sender = Stubborn(slow)
    worker = Worker(Courier(database, sender))
    database.on_word(worker.wake)

    with worker.working():
        _happens(database)
        first = {sender.heard.get(timeout=10) for _ in range(2)}
        _happens(database)
        second = sender.heard.get(timeout=10)
        sender.told.set()
        third = sender.heard.get(timeout=10)

    assert (first, second, third) == ({slow, quick}, quick, slow)
