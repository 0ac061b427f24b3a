"""Whatever happens leaves word of it, in the transaction in which it happens."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic_core import from_json
from sqlalchemy import delete, select

from pytest_opswald.api.events import EventBody
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.api.webhooks import Webhook, WebhookBody, WebhookChange, WebhookEvent
from pytest_opswald.server.database import tables, units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.database.tables import notices
from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.storage import event_rows, events, session_lists, traces, webhooks
from pytest_opswald.server.storage.projects import Project

FAILED = {"type": "error", "output": {"error": {"type": "tool_error", "message": "SMTP"}}}


@pytest.fixture(autouse=True)
def somebody(database: Database, project: Project) -> Webhook:
    """Who listens, and has heard nothing yet."""
    body = WebhookBody.model_validate(
        {"url": "https://one.example/", "events": get_args(WebhookEvent)}
    )
    with database.writing() as connection:
        connection.execute(delete(notices))
        connection.execute(delete(tables.webhooks))
        return webhooks.created(connection, project, body, "whsec_secret")


def told(database: Database) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as connection:
        rows = connection.execute(select(notices).order_by(notices.c.seq)).all()
    return [(row.event, from_json(row.data)) for row in rows]


def imported(database: Database, project: Project, **said: Any) -> None:
    body = TraceBody.model_validate({"started_at": "2026-03-17T14:15:32Z"} | said)
    with database.writing() as connection:
        traces.imported(connection, project, body, traces.prepared(project, body))


def heard(database: Database, project: Project, session: str, **said: Any) -> None:
    body = EventBody.model_validate({"session_id": session} | said)
    with database.writing() as connection:
        events.accepted(connection, project, event_rows.prepared(project, body))


def test_an_imported_trace_is_told_of(database: Database, project: Project) -> None:
    """Each step that failed, then its end, as the vendor's page shows them."""
    imported(database, project, id="trace_a", session_id="s", steps=[FAILED], duration_ms=193000)

    assert told(database) == [
        (
            "trace.error",
            {
                "trace_id": "trace_a",
                "session_id": "s",
                "error": {"type": "tool_error", "message": "SMTP", "step": 1},
            },
        ),
        (
            "trace.completed",
            {
                "trace_id": "trace_a",
                "session_id": "s",
                "duration_ms": 193000,
                "total_cost": 0.0,
                "status": "error",
            },
        ),
    ]


def test_a_trace_imported_again_is_told_of_once(database: Database, project: Project) -> None:
    """It had ended before."""
    for _ in range(2):
        imported(database, project, id="trace_b")

    assert [event for event, _ in told(database)] == ["trace.completed"]


def test_events_are_told_of_as_they_come(database: Database, project: Project) -> None:
    """An error at once, the end with the response, and no second end."""
    heard(database, project, "t", event_type="error", data={"error": "it broke"})
    heard(database, project, "t", event_type="response", trace_id=None)
    trace_id = told(database)[0][1]["trace_id"]
    heard(database, project, "t", event_type="response", trace_id=trace_id)

    assert [event for event, _ in told(database)] == ["trace.error", "trace.completed"]
    assert told(database)[0][1]["error"] == {
        "type": "agent_error",
        "message": "it broke",
        "step": 1,
    }


def test_the_end_of_a_session_ends_what_runs(database: Database, project: Project) -> None:
    """Once, however often it is ended."""
    heard(database, project, "u", event_type="user_input")
    for _ in range(2):
        with database.writing() as connection:
            session_lists.ended(connection, project, "u", now=units.now())

    assert [event for event, _ in told(database)] == ["trace.completed"]


def test_what_did_not_happen_is_not_told(database: Database, project: Project) -> None:
    """A refused import leaves no word."""
    imported(database, project, id="trace_c", session_id="v", status="running")

    with pytest.raises(ApiProblem):
        imported(database, project, id="trace_c", session_id="w")

    assert told(database) == []


def test_where_nobody_listens_no_word_is_left(
    database: Database, project: Project, somebody: Webhook
) -> None:
    """Nor while the only one who would is switched off."""
    with database.writing() as connection:
        webhooks.changed(connection, project, somebody.id, WebhookChange(active=False))

    imported(database, project, id="trace_d")

    assert told(database) == []
