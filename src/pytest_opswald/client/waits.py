"""How long to wait before asking again."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .clock import Clock
from .replies import Failure, Reply

FIRST, LONGEST = 0.5, 8.0
"""Seconds of our own pauses: the first, doubled each time up to the longest."""
BELIEVED = 3600.0
"""Seconds: a server that asks for a longer wait has lost its clock."""


def pause_seconds(came: Reply | Failure, tries: int, clock: Clock) -> float:
    """As long as the server asks for and a little longer, else longer with every try.

    Many clients that fail at once come back one after the other: every pause has some chance in it.
    """
    asked = _asked_seconds(came, clock) if isinstance(came, Reply) else None
    own = min(FIRST * 2.0 ** (tries - 1), LONGEST) * (0.5 + clock.chance() / 2)
    return own if asked is None else asked + min(own, asked / 10)


def _asked_seconds(reply: Reply, clock: Clock) -> float | None:
    """By the server's own clock where it names a time. None when it asks for nothing sensible."""
    now = _date(reply.headers.get("date")) or clock.today()
    asked = _retry_after(reply, now)
    if asked is None and reply.status == 429:
        reset = _number(reply.headers.get("x-ratelimit-reset"))
        asked = None if reset is None else max(0.0, reset - now.timestamp())
    return asked if asked is not None and asked <= BELIEVED else None


def _retry_after(reply: Reply, now: datetime) -> float | None:
    told = reply.headers.get("retry-after")
    if (until := _date(told)) is not None:
        return max(0.0, (until - now).total_seconds())
    return _number(told)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
