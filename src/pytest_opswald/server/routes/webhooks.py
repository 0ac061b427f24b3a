"""`/v1/webhooks`"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from pytest_opswald.api.base import Body
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.webhooks import (
    Delivery,
    DeliveryPage,
    Notice,
    Webhook,
    WebhookBody,
    WebhookChange,
    WebhookCreated,
    WebhookDeleted,
    WebhookPage,
)
from pytest_opswald.server.auth.dependencies import Admin, Reader
from pytest_opswald.server.database import units
from pytest_opswald.server.openapi import takes
from pytest_opswald.server.problems import invalid
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import audit, deliveries, webhooks
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.storage.deliveries import New
from pytest_opswald.server.webhooks.signing import key_of, new_secret
from pytest_opswald.server.webhooks.targets import check_url, rule_of

from .answers import answer
from .bodies import JsonBody
from .identifiers import DeliveryId, WebhookId

router = APIRouter(prefix="/webhooks", tags=["Webhooks"])


@router.post("", response_model=WebhookCreated, status_code=201, openapi_extra=takes(WebhookBody))
def create_webhook(
    server: Server, principal: Admin, body: Annotated[WebhookBody, Depends(JsonBody(WebhookBody))]
) -> Response:
    """Hear of events; the answer shows the secret, this once."""
    check_url(body.url, rule_of(server.settings))
    secret = _usable(body.secret or new_secret())
    with server.database.writing() as connection:
        made = webhooks.created(connection, principal.project, body, secret)
        audit.noted(connection, principal.project.id, principal.name, "webhook.created", made.id)
    return answer(WebhookCreated(**made.model_dump(), secret=secret), 201)


@router.get("", response_model=WebhookPage)
def list_webhooks(server: Server, principal: Reader, query: Annotated[Paging, Query()]) -> Response:
    """Webhooks, newest first."""
    with server.database.reading() as connection:
        return answer(webhooks.listed(connection, principal.project, window(query)))


@router.get("/{webhook_id}", response_model=Webhook)
def get_webhook(server: Server, principal: Reader, webhook_id: WebhookId) -> Response:
    """A webhook, without its secret."""
    with server.database.reading() as connection:
        return answer(webhooks.found(connection, principal.project, webhook_id))


@router.patch("/{webhook_id}", response_model=Webhook, openapi_extra=takes(WebhookChange))
def change_webhook(
    server: Server,
    principal: Admin,
    webhook_id: WebhookId,
    body: Annotated[WebhookChange, Depends(JsonBody(WebhookChange))],
) -> Response:
    """Change what is given; the secret before stays in force for a day."""
    if body.url is not None:
        check_url(body.url, rule_of(server.settings))
    if body.secret is not None:
        _usable(body.secret)
    with server.database.writing() as connection:
        changed = webhooks.changed(connection, principal.project, webhook_id, body)
        audit.noted(connection, principal.project.id, principal.name, "webhook.changed", webhook_id)
    return answer(changed)


@router.delete("/{webhook_id}", response_model=WebhookDeleted)
def delete_webhook(server: Server, principal: Admin, webhook_id: WebhookId) -> Response:
    """Delete a webhook and its deliveries, those on their way as well."""
    with server.database.writing() as connection:
        webhooks.deleted(connection, principal.project, webhook_id)
        audit.noted(connection, principal.project.id, principal.name, "webhook.deleted", webhook_id)
    return answer(WebhookDeleted(webhook_id=webhook_id))


@router.post(
    "/{webhook_id}/test",
    response_model=Delivery,
    status_code=202,
    openapi_extra=takes(Body, optional=True),
)
def send_test(
    server: Server,
    principal: Admin,
    webhook_id: WebhookId,
    _: Annotated[Body, Depends(JsonBody(Body, optional=True))],
) -> Response:
    """Send `webhook.test`; the deliveries tell what came of it."""
    notice = Notice(
        event="webhook.test", timestamp=datetime.now(UTC), data={"webhook_id": webhook_id}
    )
    with server.database.writing() as connection:
        _demand_active(webhooks.found(connection, principal.project, webhook_id))
        new = New(principal.project.id, webhook_id, notice)
        [sent] = deliveries.queued(connection, [new], now=units.now())
        return answer(deliveries.found(connection, principal.project, webhook_id, sent), 202)


@router.get("/{webhook_id}/deliveries", response_model=DeliveryPage)
def list_deliveries(
    server: Server, principal: Reader, webhook_id: WebhookId, query: Annotated[Paging, Query()]
) -> Response:
    """What was sent in the last 30 days and how it went, newest first."""
    with server.database.reading() as connection:
        webhooks.found(connection, principal.project, webhook_id)
        page = deliveries.listed(
            connection,
            principal.project,
            webhook_id,
            window(query),
            with_answers="admin" in principal.scopes,
        )
    return answer(page)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/resend",
    response_model=Delivery,
    status_code=202,
    openapi_extra=takes(Body, optional=True),
)
def resend_delivery(
    server: Server,
    principal: Admin,
    webhook_id: WebhookId,
    delivery_id: DeliveryId,
    _: Annotated[Body, Depends(JsonBody(Body, optional=True))],
) -> Response:
    """Send it again, under the same id, with all attempts that it had at first."""
    with server.database.writing() as connection:
        _demand_active(webhooks.found(connection, principal.project, webhook_id))
        again = deliveries.resent(
            connection, principal.project, webhook_id, delivery_id, now=units.now()
        )
    return answer(again, 202)


def _usable(secret: str) -> str:
    try:
        key_of(secret)
    except ValueError as problem:
        raise invalid("Invalid secret", field="secret", expected=str(problem)) from None
    return secret


def _demand_active(webhook: Webhook) -> None:
    if not webhook.active:
        raise invalid(
            "The webhook is switched off", field="active", expected="true: PATCH it first"
        )
