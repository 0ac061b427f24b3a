"""The outbox, emptied as far as the server and the time allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pytest_opswald.client.clients import DEADLINE, OpsClient
from pytest_opswald.client.clock import Clock
from pytest_opswald.errors import ApiError, NoAnswer, NotFound, ServerError, ValidationError

from .delivery import Delivery
from .items import GoldenItem, Item, ResultsItem
from .outbox import Outbox, Waiting


@dataclass
class Drained:
    """What became of an outbox."""

    sent: int = 0
    dead: list[Path] = field(default_factory=list)
    """What the server will never take, with the reason in the file."""
    waiting: int = 0
    problem: str = ""
    """Why something still waits."""
    urls: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else should be known."""


class Drain:
    """Sends what waits until it is empty, the server cannot be used, or time is over."""

    def __init__(
        self,
        outbox: Outbox,
        client: OpsClient,
        *,
        clock: Clock | None = None,
        seconds: float = DEADLINE,
    ) -> None:
        self._outbox = outbox
        self._clock = clock or Clock()
        self._until = self._clock.now() + seconds
        client.limit(seconds)
        self._delivery = Delivery(client)
        self._drained = Drained()

    def run(self) -> Drained:
        """Never raises what the server or the network does."""
        for waiting in self._outbox if not self._drained.problem else ():
            if not self._goes_on(waiting):
                break
        self._drained.waiting = len(self._outbox)
        self._drained.urls = self._delivery.urls
        return self._drained

    def holds(self, name: str, trace_id: str) -> bool:
        """Whether the server is known to have this golden; a server that cannot say ends it all."""
        if self._drained.problem or self._is_late():
            return False
        try:
            return self._delivery.holds(name, trace_id)
        except (ApiError, NoAnswer) as problem:
            self._drained.problem = str(problem)
            return False

    def _is_late(self) -> bool:
        return self._clock.now() >= self._until

    def _goes_on(self, waiting: Waiting) -> bool:
        """Send one item; whether it makes sense to send another."""
        if self._is_late():
            self._drained.problem = "there was not enough time"
            return False
        item = waiting.item
        if item is None:
            self._bury(waiting, "this is nothing that can be sent")
            return True
        if self._drained.problem and not isinstance(item, GoldenItem):
            return False  # results wait for the goldens that they are about
        try:
            self._delivery.deliver(item)
        except (ApiError, NoAnswer) as problem:
            return self._after(problem, waiting, item)
        self._outbox.done(waiting)
        self._drained.sent += 1
        return True

    def _after(self, problem: ApiError | NoAnswer, waiting: Waiting, item: Item) -> bool:
        if _is_final(problem, item):
            self._bury(waiting, str(problem))
            return True
        self._drained.problem = str(problem)
        return isinstance(problem, ServerError)  # which may be about this item alone

    def _bury(self, waiting: Waiting, reason: str) -> None:
        self._drained.dead.append(self._outbox.bury(waiting, reason))


def _is_final(problem: ApiError | NoAnswer, item: Item) -> bool:
    """Whether this item is wrong, and not the key, the server or the network."""
    gone = isinstance(problem, NotFound) and isinstance(item, ResultsItem)
    return gone or isinstance(problem, ValidationError)
