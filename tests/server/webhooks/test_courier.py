"""Deliveries over time: each database, a clock that the test moves, a sender that does as told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy import event

from pytest_opswald.api.pages import Paging
from pytest_opswald.api.webhooks import Delivery, Webhook, WebhookBody, WebhookChange
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.storage import deliveries, notices, projects, webhooks
from pytest_opswald.server.storage.cursors import window
from pytest_opswald.server.storage.notices import AT_ONCE
from pytest_opswald.server.storage.outbox import announce, announce_all
from pytest_opswald.server.webhooks.courier import Courier
from pytest_opswald.server.webhooks.schedule import PAUSES
from pytest_opswald.server.webhooks.sending import Attempt

SECOND = 10**6
DONE = {"trace_id": "trace_1", "session_id": "s", "duration_ms": 1, "total_cost": 0}


@dataclass
class Sender:
    """Answers 200, or what is planned for the next attempt."""

    plan: list[Attempt] = field(default_factory=list)
    sent: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        self.sent.append((url, body, headers))
        return self.plan.pop(0) if self.plan else Attempt(3, 200)


class World:
    """A project with its webhooks, and time that passes when it is told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sender = Sender()
        self.now = units.now()
        self.courier = Courier(database, self.sender, now=lambda: self.now, dice=lambda: 0)
        with database.writing() as connection:
            self.project = projects.ensured(connection, f"project {self.now}")

    def webhook(self, url: str = "https://one.example/", **said: object) -> Webhook:
        body = WebhookBody.model_validate({"url": url, "events": ["trace.completed"]} | said)
        with self.database.writing() as connection:
            return webhooks.created(connection, self.project, body, body.secret or "secret")

    def happens(self, event: str = "trace.completed", data: Mapping[str, object] = DONE) -> None:
        with self.database.writing() as connection:
            announce(connection, self.project, event, dict(data))

    def passes(self, seconds: float) -> int:
        """Let time pass, then make every attempt that is due; how many there were."""
        self.now += round(seconds * SECOND)
        before = len(self.sender.sent)
        while every := self.courier.due(busy=(), most=8):
            for due in every:
                self.courier.deliver(due)
        return len(self.sender.sent) - before

    def deliveries(self, webhook: Webhook) -> tuple[Delivery, ...]:
        with self.database.reading() as connection:
            return deliveries.listed(
                connection, self.project, webhook.id, window(Paging()), with_answers=True
            ).deliveries

    def waits(self) -> bool:
        """Whether something happened that nobody has been sent."""
        with self.database.reading() as connection:
            return notices.waiting(connection)

    def change(self, webhook: Webhook, **said: object) -> Webhook:
        with self.database.writing() as connection:
            change = WebhookChange.model_validate(said)
            return webhooks.changed(connection, self.project, webhook.id, change)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_who_asked_hears_of_it_in_the_vendors_words(world: World) -> None:
    """`{"event", "timestamp", "data"}`, once."""
    webhook = world.webhook()

    world.happens()

    assert world.passes(0) == 1
    assert world.passes(3600) == 0
    [(url, body, headers)] = world.sender.sent
    assert url == webhook.url
    assert json.loads(body).keys() == {"event", "timestamp", "data"}
    assert json.loads(body)["data"] == DONE
    [delivery] = world.deliveries(webhook)
    assert headers["webhook-id"] == delivery.id
    assert (delivery.status, delivery.response_code, delivery.attempts) == ("delivered", 200, 1)
    assert delivery.next_attempt_at is None


def test_who_did_not_ask_hears_nothing(world: World) -> None:
    """Of other events, while switched off, or of other projects."""
    world.webhook(events=["trace.error"])
    world.webhook(active=False)
    other = World(world.database)
    other.webhook()

    world.happens()

    assert world.passes(0) == 0


def test_what_failed_is_tried_again_as_the_schedule_says(world: World) -> None:
    """Ten attempts with the same id; not one too early."""
    webhook = world.webhook()
    world.sender.plan = [Attempt(3, 500)] * 10
    world.happens()
    assert world.passes(0) == 1

    for pause in PAUSES:
        assert world.passes(pause - 1) == 0
        assert world.passes(1) == 1

    assert world.passes(10**6) == 0
    [delivery] = world.deliveries(webhook)
    assert (delivery.status, delivery.attempts) == ("failed", 10)
    assert len({headers["webhook-id"] for _, _, headers in world.sender.sent}) == 1
    assert len({headers["webhook-timestamp"] for _, _, headers in world.sender.sent}) == 10


@pytest.mark.parametrize(
    ("attempt", "pause"),
    [
        pytest.param(Attempt(3, 429, retry_after="60"), 60, id="429"),
        pytest.param(Attempt(3, 503, retry_after="60"), 60, id="503"),
        pytest.param(Attempt(3, 500, retry_after="60"), 5, id="other failures say nothing"),
        pytest.param(Attempt(3, 302), 5, id="a redirect"),
        pytest.param(Attempt(3, problem="no answer within 15 s"), 5, id="no answer"),
    ],
)
def test_retry_after_is_honoured(world: World, attempt: Attempt, pause: int) -> None:
    """Where it means something."""
    webhook = world.webhook()
    world.sender.plan = [attempt]
    world.happens()
    world.passes(0)

    assert world.deliveries(webhook)[0].problem == attempt.problem
    assert world.passes(pause - 1) == 0
    assert world.passes(1) == 1
    assert world.deliveries(webhook)[0].status == "delivered"


def test_gone_is_the_last_word(world: World) -> None:
    """410 switches the webhook off; what was on its way is dropped."""
    webhook = world.webhook()
    world.happens()
    world.happens()
    world.sender.plan = [Attempt(3, 410)]

    assert world.passes(0) == 1

    assert {delivery.status for delivery in world.deliveries(webhook)} == {"failed"}
    with world.database.reading() as connection:
        assert not webhooks.found(connection, world.project, webhook.id).active


def test_one_that_fails_holds_up_no_other(world: World) -> None:
    """Each webhook has attempts of its own."""
    both = world.webhook("https://one.example/"), world.webhook("https://two.example/")
    world.sender.plan = [Attempt(3, 500)]
    world.happens()

    assert world.passes(0) == 2

    assert {world.deliveries(one)[0].status for one in both} == {"pending", "delivered"}


def test_an_attempt_whose_worker_died_is_made_again(world: World) -> None:
    """After a minute, with the same id; nobody makes it meanwhile."""
    webhook = world.webhook()
    world.happens()
    [lost] = world.courier.due(busy=(), most=8)

    assert world.passes(59) == 0
    assert world.passes(1) == 1
    assert world.sender.sent[0][2]["webhook-id"] == lost.id
    assert world.deliveries(webhook)[0].attempts == 2


def test_who_comes_too_late_changes_nothing(world: World) -> None:
    """A worker that slept over its lease does not undo what another one wrote down."""
    webhook = world.webhook()
    world.happens()
    [slow] = world.courier.due(busy=(), most=8)
    world.passes(60)
    world.sender.plan = [Attempt(3, 500)]

    world.courier.deliver(slow)

    assert world.deliveries(webhook)[0].status == "delivered"


def test_a_webhook_that_is_busy_gets_one_thing_at_a_time(world: World) -> None:
    """The next one when the one before is through."""
    webhook = world.webhook()
    world.happens()
    world.happens()

    [first] = world.courier.due(busy=(), most=8)

    assert world.courier.due(busy={webhook.id}, most=8) == []
    world.courier.deliver(first)
    assert world.passes(0) == 1


def test_both_secrets_sign_for_a_day_after_a_change(world: World) -> None:
    """Then the new one alone."""
    webhook = world.webhook(secret="old")
    world.change(webhook, secret="new")
    world.happens()
    world.passes(0)
    world.happens()
    world.passes(24 * 3600 + 1)

    signatures = [headers["webhook-signature"].split() for _, _, headers in world.sender.sent]
    assert [len(each) for each in signatures] == [2, 1]


def test_what_is_switched_off_waits_until_it_is_switched_on(world: World) -> None:
    """What was on its way is not lost."""
    webhook = world.webhook()
    world.happens()
    world.sender.plan = [Attempt(3, 500)]
    world.passes(0)
    world.change(webhook, active=False)

    assert world.passes(3600) == 0
    world.change(webhook, active=True)
    assert world.passes(0) == 1


def test_nothing_is_announced_that_did_not_happen(world: World) -> None:
    """A transaction that fails takes its notice with it."""
    world.webhook()

    with pytest.raises(RuntimeError), world.database.writing() as connection:  # noqa: PT012
        announce(connection, world.project, "trace.completed", DONE)
        raise RuntimeError

    assert world.passes(0) == 0


def test_much_at_once_is_passed_on_in_pieces(world: World) -> None:
    """A few statements for some hundred notices, then others may write."""
    webhooks = [world.webhook(), world.webhook("https://two.example/")]
    with world.database.writing() as connection:
        announce_all(connection, world.project, [("trace.completed", DONE)] * (AT_ONCE + 1))
    words, statements = [], []
    world.database.on_word(lambda: words.append("there is more"))
    count = ("before_cursor_execute", lambda *said: statements.append(said[2]))

    event.listen(world.database.engine, *count)
    first = world.courier.due(busy=(), most=8)
    event.remove(world.database.engine, *count)

    assert {due.webhook_id for due in first} == {webhook.id for webhook in webhooks}
    assert len(statements) < 12
    assert words == ["there is more"]
    assert world.waits()
    world.courier.due(busy=(), most=0)
    assert not world.waits()


def test_what_is_long_over_is_forgotten(world: World) -> None:
    """After 30 days, when something new is delivered."""
    webhook = world.webhook()
    world.happens()
    world.passes(0)

    world.now += 31 * 24 * 3600 * SECOND
    world.happens()
    world.passes(0)

    assert len(world.deliveries(webhook)) == 1
