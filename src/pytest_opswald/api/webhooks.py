"""Webhooks: `/v1/webhooks`, and the bodies they deliver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from .base import Answer, Body, Count, Milliseconds, Time
from .pages import Page

WebhookEvent = Literal["trace.completed", "trace.error", "golden_run.completed", "replay.completed"]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\x00-\x1f\x7f]{1,2000}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Events = Annotated[
    Sequence[WebhookEvent], Field(min_length=1, max_length=20), AfterValidator(tuple)
]
DeliveryStatus = Literal["pending", "delivered", "failed"]


class WebhookBody(Body):
    url: Url
    events: Events
    secret: Secret | None = None
    """`whsec_` and base64, else taken as the UTF-8 bytes it is; made when left out."""
    active: bool = True


class WebhookChange(Body):
    """Only what is given is changed."""

    url: Url | None = None
    events: Events | None = None
    secret: Secret | None = None
    """For a day deliveries are signed with the new and the old one."""
    active: bool | None = None


class Webhook(Answer):
    id: str
    url: str
    events: tuple[WebhookEvent, ...]
    active: bool
    created_at: Time


class WebhookCreated(Webhook):
    secret: str
    """Shown this once."""


class WebhookPage(Page[Webhook]):
    webhooks: tuple[Webhook, ...]


class WebhookDeleted(Answer):
    deleted: Literal[True] = True
    webhook_id: str


class Delivery(Answer):
    id: str
    """`msg_...`, the same on every attempt."""
    event: str
    status: DeliveryStatus
    attempts: Count
    response_code: int | None = None
    """Of the last attempt, as all below; None when nobody answered."""
    next_attempt_at: Time | None = None
    """None when there will be no other."""
    created_at: Time
    duration_ms: Milliseconds | None = None
    problem: str | None = None
    """Why nobody answered."""
    answer: str | None = None
    """First KiB of what was answered; for admins."""


class DeliveryPage(Page[Delivery]):
    deliveries: tuple[Delivery, ...]


class Notice(Answer):
    """What is posted to the URL."""

    event: WebhookEvent | Literal["webhook.test"]
    timestamp: Time
    data: dict[str, Any]
