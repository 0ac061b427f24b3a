"""What others want to hear of, written in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from pytest_opswald.api.webhooks import WebhookEvent
from pytest_opswald.server.database import units
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.database.tables import notices, webhooks

from .folding import encoded
from .projects import Project

_NEW = insert(notices)
_LISTENING = Direct(
    lambda _: (
        select(webhooks.c.id)
        .where(webhooks.c.project_id == bindparam("project"), webhooks.c.active)
        .limit(1)
    )
)
Event = tuple[WebhookEvent, dict[str, Any]]


def announce(
    connection: Connection, project: Project, event: WebhookEvent, data: dict[str, Any]
) -> None:
    """Leave word of one event; `data` as the API posts it."""
    announce_all(connection, project, [(event, data)])
    leave_word(connection)


def announce_all(connection: Connection, project: Project, events: Iterable[Event]) -> None:
    """Of many that are frequent: where nobody listens, no word is left."""
    every = list(events)
    if not every or _LISTENING.row(connection, {"project": project.id}) is None:
        return
    at = units.now()
    connection.execute(
        _NEW,
        [
            {"project_id": project.id, "event": event, "data": encoded(data), "at": at}
            for event, data in every
        ],
    )
    leave_word(connection)
