"""Notices, which `outbox` leaves, become deliveries to everybody who wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, delete, select

from pytest_opswald.api.webhooks import Notice
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.database.tables import notices, webhooks
from pytest_opswald.server.database.units import moment

from . import deliveries
from .deliveries import New

KEPT = 30 * 24 * 3600 * 10**6
"""Microseconds for which a delivery that is over is listed."""
AT_ONCE = 500
"""Notices in one transaction."""
_MOST_FORGOTTEN = 5000


def waiting(connection: Connection) -> bool:
    """Whether there is any notice."""
    return connection.execute(select(notices.c.seq).limit(1)).first() is not None


def passed_on(connection: Connection, *, now: int) -> None:
    """Some notices become deliveries, the oldest first; what is long over is forgotten.

    Not all at once, and others write in between. Word is left while there may be more.
    """
    oldest = select(notices).order_by(notices.c.seq).limit(AT_ONCE)
    rows = connection.execute(oldest.with_for_update(skip_locked=True)).all()
    deliveries.queued(connection, _addressed(connection, rows), now=now)
    connection.execute(delete(notices).where(notices.c.seq.in_([row.seq for row in rows])))
    deliveries.forget(connection, before=now - KEPT, most=_MOST_FORGOTTEN)
    if len(rows) == AT_ONCE:
        leave_word(connection)


def _addressed(connection: Connection, rows: Sequence[Any]) -> Iterator[New]:
    """To each webhook what it wants to hear of."""
    projects = {row.project_id for row in rows}
    active = select(webhooks).where(webhooks.c.project_id.in_(projects), webhooks.c.active)
    listening = connection.execute(active.order_by(webhooks.c.created_at, webhooks.c.id)).all()
    for row in rows:
        notice = Notice(event=row.event, timestamp=moment(row.at), data=from_json(row.data))
        for webhook in listening:
            if webhook.project_id == row.project_id and row.event in webhook.events.split():
                yield New(row.project_id, webhook.id, notice)
