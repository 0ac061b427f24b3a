"""One call, tried until it is answered, further tries make no sense, or time is over."""

from __future__ import annotations

from typing import Generic

from .answers import read
from .calls import Call, Document
from .clock import Clock
from .replies import Failure, Reply
from .waits import pause_seconds

TRIES = 5
MOST_SECONDS = 10.0
"""For a server to go on with what it says; a whole try may take as long as there is time."""


class Attempts(Generic[Document]):
    """What the senders ask between two tries; it sends nothing itself."""

    def __init__(self, call: Call[Document], base_url: str, clock: Clock, deadline: float) -> None:
        self.call = call
        self._base_url = base_url
        self._clock = clock
        self._until = clock.now() + deadline
        self._tries = 0

    @property
    def left(self) -> float:
        """Seconds."""
        return self._until - self._clock.now()

    @property
    def patience(self) -> float:
        """Seconds to wait for the next byte."""
        return max(0.001, min(MOST_SECONDS, self.left))

    def pause_after(self, came: Reply | Failure) -> float | None:
        """Seconds until the next try; None when there is none."""
        self._tries += 1
        if self._tries >= TRIES or not self._is_worth_another(came):
            return None
        pause = pause_seconds(came, self._tries, self._clock)
        return pause if pause < self.left else None

    def _is_worth_another(self, came: Reply | Failure) -> bool:
        """What certainly was not done is asked again; what may have been, if that does no harm."""
        if isinstance(came, Failure):
            repeats = self.call.is_repeatable and came.kind == "broken"
            return came.kind == "unsent" or repeats
        repeats = self.call.is_repeatable and (came.status == 408 or came.status >= 500)
        return came.status == 429 or repeats

    def read(self, came: Reply | Failure) -> Document:
        """The answer. Raises ApiError and NoAnswer."""
        return read(self.call, came, self._base_url)
