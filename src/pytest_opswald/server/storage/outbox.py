"""What others want to hear of, written in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert

from pytest_opswald.api.webhooks import WebhookEvent
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.database.tables import notices

from .folding import encoded
from .projects import Project

_NEW = insert(notices)
Event = tuple[WebhookEvent, dict[str, Any]]


def announce(
    connection: Connection, project: Project, event: WebhookEvent, data: dict[str, Any]
) -> None:
    """Leave word of one event; `data` as the API posts it."""
    announce_all(connection, project, [(event, data)])


def announce_all(connection: Connection, project: Project, events: Iterable[Event]) -> None:
    at = units.now()
    rows = [
        {"project_id": project.id, "event": event, "data": encoded(data), "at": at}
        for event, data in events
    ]
    if rows:
        connection.execute(_NEW, rows)
        leave_word(connection)
