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
        self._may_be_done = False

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
        if pause >= self.left:
            return None
        self._may_be_done |= _may_be_done(came)
        return pause

    def _is_worth_another(self, came: Reply | Failure) -> bool:
        """What certainly was not done is asked again; what may have been, if that does no harm."""
        was_refused = isinstance(came, Reply) and came.status == 429
        was_unsent = isinstance(came, Failure) and came.kind == "unsent"
        return was_refused or was_unsent or (self.call.is_repeatable and _may_be_done(came))

    def read(self, came: Reply | Failure) -> Document:
        """The answer. Raises ApiError and NoAnswer."""
        if self._was_done_before(came):
            return self.call.answer.model_validate(self.call.ids)
        return read(self.call, came, self._base_url)

    def _was_done_before(self, came: Reply | Failure) -> bool:
        """What a second DELETE does not find any more the first has deleted."""
        is_gone = isinstance(came, Reply) and came.status == 404
        return is_gone and self.call.method == "DELETE" and self._may_be_done


def _may_be_done(came: Reply | Failure) -> bool:
    """Whether nobody knows what became of it."""
    if isinstance(came, Failure):
        return came.kind == "broken"
    return came.status == 408 or came.status >= 500
