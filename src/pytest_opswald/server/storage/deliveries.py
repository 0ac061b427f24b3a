"""Deliveries: what is posted to a webhook, when it is tried next, and how it went.

Whoever makes an attempt leases it, and writes down what came of it only while the lease is still
his own: when he dies, somebody else tries again, with the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from pytest_opswald.api.ids import new_id
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.webhooks import Delivery, DeliveryPage, DeliveryStatus, Notice
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.database.tables import webhook_deliveries as deliveries
from pytest_opswald.server.database.tables import webhooks
from pytest_opswald.server.database.units import moment
from pytest_opswald.server.problems import not_found

from .cursors import Window
from .pages import sliced
from .projects import Project

LEASE = 60 * 10**6
"""Microseconds; an attempt takes a quarter of that at most."""


@dataclass(frozen=True, slots=True)
class New:
    """What somebody wants to hear."""

    project_id: int
    webhook_id: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Due:
    """One attempt, to be made now."""

    id: str
    webhook_id: str
    url: str
    body: bytes
    secrets: tuple[str, ...]
    attempts: int
    """Those made, this one included."""
    leased_until: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    status: DeliveryStatus
    next_at: int | None
    response_code: int | None
    answer: bytes
    problem: str | None
    duration_ms: int
    gone: bool = False
    """Whether the other side wants no more of them, ever."""


def queued(connection: Connection, every: Iterable[New], *, now: int) -> Sequence[str]:
    """Their ids. The first attempts are due at once."""
    begun = {"status": "pending", "attempts": 0, "next_at": now, "leased_until": 0}
    rows = [
        {
            "project_id": new.project_id,
            "id": new_id("msg"),
            "webhook_id": new.webhook_id,
            "event": new.notice.event,
            "body": new.notice.model_dump_json().encode(),
            "created_at": now,
            **begun,
        }
        for new in every
    ]
    if rows:
        connection.execute(insert(deliveries), rows)
        leave_word(connection)
    return [str(row["id"]) for row in rows]


def leased(connection: Connection, *, now: int, busy: Collection[str], most: int) -> Sequence[Due]:
    """Attempts that are due, one for each webhook; nobody else gets them for a while."""
    chosen = _first_due(now, busy).limit(most)
    taken = connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(chosen), deliveries.c.leased_until <= now)
        .values(leased_until=now + LEASE, attempts=deliveries.c.attempts + 1)
        .returning(deliveries.c.id)
    )
    ids = list(taken.scalars())
    return [_due(row, now) for row in connection.execute(_with_webhook(ids))] if ids else []


def settled(connection: Connection, due: Due, outcome: Outcome) -> None:
    """Write down what came of an attempt, unless somebody else took it over meanwhile."""
    kept = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == due.id, deliveries.c.leased_until == due.leased_until)
        .values(
            status=outcome.status,
            next_at=outcome.next_at,
            response_code=outcome.response_code,
            answer=outcome.answer,
            problem=outcome.problem,
            duration_ms=outcome.duration_ms,
            leased_until=0,
        )
    )
    if kept.rowcount and outcome.gone:
        connection.execute(
            update(webhooks).where(webhooks.c.id == due.webhook_id).values(active=False)
        )
        connection.execute(
            update(deliveries)
            .where(deliveries.c.webhook_id == due.webhook_id, deliveries.c.next_at.is_not(None))
            .values(status="failed", next_at=None)
        )


def any_due(connection: Connection, *, now: int, busy: Collection[str]) -> bool:
    """Whether there is an attempt to lease."""
    return connection.execute(_first_due(now, busy).limit(1)).first() is not None


def forget(connection: Connection, *, before: int, most: int) -> None:
    """Delete so many of those that were over then."""
    over = select(deliveries.c.id).where(
        deliveries.c.next_at.is_(None), deliveries.c.created_at < before
    )
    connection.execute(delete(deliveries).where(deliveries.c.id.in_(over.limit(most))))


def listed(
    connection: Connection,
    project: Project,
    webhook_id: str,
    window: Window[Paging],
    *,
    with_answers: bool,
) -> DeliveryPage:
    """One page of a webhook's deliveries, newest first."""
    page = sliced(
        connection,
        _of(project, webhook_id),
        window,
        at=deliveries.c.created_at,
        identifier=deliveries.c.id,
    )
    items = [_shown(row, with_answers=with_answers) for row in page.rows]
    return page.page(DeliveryPage, "deliveries", items)


def found(connection: Connection, project: Project, webhook_id: str, delivery_id: str) -> Delivery:
    """With what was answered. Raises ApiProblem when there is none."""
    one = _of(project, webhook_id).where(deliveries.c.id == delivery_id)
    row = connection.execute(one).one_or_none()
    if row is None:
        raise not_found("delivery", delivery_id)
    return _shown(row, with_answers=True)


def resent(
    connection: Connection, project: Project, webhook_id: str, delivery_id: str, *, now: int
) -> Delivery:
    """Begin again with all attempts, under the same id. Raises ApiProblem when there is none."""
    found(connection, project, webhook_id, delivery_id)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(status="pending", attempts=0, next_at=now, leased_until=0)
    )
    leave_word(connection)
    return found(connection, project, webhook_id, delivery_id)


def _first_due(now: int, busy: Collection[str]) -> Select[Any]:
    """The first of each webhook: however many wait behind it, they are not looked at."""
    each = deliveries.alias()
    first = (
        select(each.c.id)
        .where(each.c.webhook_id == webhooks.c.id, each.c.next_at <= now)
        .where(each.c.leased_until <= now)
        .order_by(each.c.next_at, each.c.id)
        .limit(1)
        .scalar_subquery()
    )
    firsts = select(first).where(webhooks.c.active, webhooks.c.id.not_in(busy))
    due = select(deliveries.c.id).where(deliveries.c.id.in_(firsts))
    return due.order_by(deliveries.c.next_at, deliveries.c.id)


def _of(project: Project, webhook_id: str) -> Select[Any]:
    return select(deliveries).where(
        deliveries.c.project_id == project.id, deliveries.c.webhook_id == webhook_id
    )


def _with_webhook(ids: Sequence[str]) -> Select[Any]:
    told = (
        webhooks.c.url,
        webhooks.c.secret,
        webhooks.c.previous_secret,
        webhooks.c.previous_until,
    )
    return (
        select(deliveries, *told)
        .join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.next_at, deliveries.c.id)
    )


def _due(row: Any, now: int) -> Due:
    overlapping = row.previous_secret is not None and row.previous_until > now
    return Due(
        id=row.id,
        webhook_id=row.webhook_id,
        url=row.url,
        body=row.body,
        secrets=(row.secret, row.previous_secret) if overlapping else (row.secret,),
        attempts=row.attempts,
        leased_until=row.leased_until,
    )


def _shown(row: Any, *, with_answers: bool) -> Delivery:
    return Delivery(
        id=row.id,
        event=row.event,
        status=row.status,
        attempts=row.attempts,
        response_code=row.response_code,
        next_attempt_at=None if row.next_at is None else moment(row.next_at),
        created_at=moment(row.created_at),
        duration_ms=row.duration_ms,
        problem=row.problem,
        answer=row.answer.decode("utf-8", "replace") if with_answers and row.answer else None,
    )
