"""Webhooks: who wants to hear of what, and what it is signed with.

Secrets are needed again for every delivery, so they are kept as they are: what protects them is
the database itself (a SQLite file that only its owner can read, the roles of PostgreSQL).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pytest_opswald.api.ids import new_id
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.webhooks import Webhook, WebhookBody, WebhookChange, WebhookPage
from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import webhook_deliveries, webhooks
from pytest_opswald.server.database.units import moment
from pytest_opswald.server.problems import not_found

from .cursors import Window
from .pages import sliced
from .projects import Project

OVERLAP = 24 * 3600 * 10**6
"""Microseconds for which the secret before is signed with, too."""


def created(connection: Connection, project: Project, body: WebhookBody, secret: str) -> Webhook:
    webhook_id = new_id("wh")
    row = {
        "project_id": project.id,
        "id": webhook_id,
        "url": body.url,
        "events": " ".join(dict.fromkeys(body.events)),
        "secret": secret,
        "active": body.active,
        "created_at": units.now(),
    }
    connection.execute(insert(webhooks).values(row))
    return found(connection, project, webhook_id)


def listed(connection: Connection, project: Project, window: Window[Paging]) -> WebhookPage:
    """One page of webhooks, newest first."""
    page = sliced(
        connection,
        select(webhooks).where(webhooks.c.project_id == project.id),
        window,
        at=webhooks.c.created_at,
        identifier=webhooks.c.id,
    )
    return page.page(WebhookPage, "webhooks", [_shown(row) for row in page.rows])


def found(connection: Connection, project: Project, webhook_id: str) -> Webhook:
    """Raises ApiProblem when there is none."""
    return _shown(_row(connection, project, webhook_id))


def changed(
    connection: Connection, project: Project, webhook_id: str, change: WebhookChange
) -> Webhook:
    """Raises ApiProblem when there is none."""
    before = _row(connection, project, webhook_id)
    told = change.model_dump(exclude_none=True)
    if change.events:
        told["events"] = " ".join(dict.fromkeys(change.events))
    if change.secret and change.secret != before.secret:
        told["previous_secret"] = before.secret
        told["previous_until"] = units.now() + OVERLAP
    if told:
        connection.execute(update(webhooks).where(_is(project, webhook_id)).values(told))
    return found(connection, project, webhook_id)


def deleted(connection: Connection, project: Project, webhook_id: str) -> None:
    """With all of its deliveries. Raises ApiProblem when there is none."""
    gone = connection.execute(delete(webhooks).where(_is(project, webhook_id)))
    if not gone.rowcount:
        raise not_found("webhook", webhook_id)
    connection.execute(
        delete(webhook_deliveries).where(
            webhook_deliveries.c.project_id == project.id,
            webhook_deliveries.c.webhook_id == webhook_id,
        )
    )


def _row(connection: Connection, project: Project, webhook_id: str) -> Any:
    row = connection.execute(select(webhooks).where(_is(project, webhook_id))).one_or_none()
    if row is None:
        raise not_found("webhook", webhook_id)
    return row


def _is(project: Project, webhook_id: str) -> Any:
    return (webhooks.c.project_id == project.id) & (webhooks.c.id == webhook_id)


def _shown(row: Any) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(row.events.split()),
        active=row.active,
        created_at=moment(row.created_at),
    )
