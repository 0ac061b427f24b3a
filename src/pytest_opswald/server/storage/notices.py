"""Notices, which `outbox` leaves, become deliveries to everybody who wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, delete, select

from pytest_opswald.api.webhooks import Notice
from pytest_opswald.server.database.tables import notices, webhook_deliveries, webhooks
from pytest_opswald.server.database.units import moment

from . import deliveries

KEPT = 30 * 24 * 3600 * 10**6
"""Microseconds for which a delivery that is over is listed."""
_AT_ONCE = 500


def waiting(connection: Connection) -> bool:
    """Whether there is any notice."""
    return connection.execute(select(notices.c.seq).limit(1)).first() is not None


def passed_on(connection: Connection, *, now: int) -> int:
    """How many notices became deliveries, the oldest first; what is long over is forgotten."""
    oldest = select(notices).order_by(notices.c.seq).limit(_AT_ONCE)
    rows = connection.execute(oldest.with_for_update(skip_locked=True)).all()
    for row, webhook_id in _addressed(connection, rows):
        notice = Notice(event=row.event, timestamp=moment(row.at), data=from_json(row.data))
        deliveries.queued(connection, row.project_id, webhook_id, notice, now=now)
    connection.execute(delete(notices).where(notices.c.seq.in_([row.seq for row in rows])))
    over = webhook_deliveries.c.next_at.is_(None) & (webhook_deliveries.c.created_at < now - KEPT)
    connection.execute(delete(webhook_deliveries).where(over))
    return len(rows)


def _addressed(connection: Connection, rows: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    """Each notice with each webhook that wants to hear of it."""
    projects = {row.project_id for row in rows}
    active = select(webhooks).where(webhooks.c.project_id.in_(projects), webhooks.c.active)
    listening = connection.execute(active.order_by(webhooks.c.created_at, webhooks.c.id)).all()
    for row in rows:
        for webhook in listening:
            if webhook.project_id == row.project_id and row.event in webhook.events.split():
                yield row, webhook.id
