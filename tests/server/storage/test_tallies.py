"""Tallies say at every moment what counting the traces would say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select, update

from pytest_opswald.api.events import EventBody
from pytest_opswald.api.traces import TraceBody, TraceQuery
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.database.tables import tallies, traces
from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.storage import (
    event_rows,
    events,
    recounting,
    session_lists,
    trace_filters,
)
from pytest_opswald.server.storage import traces as storage
from pytest_opswald.server.storage.pages import counted
from pytest_opswald.server.storage.projects import Project, ensured
from pytest_opswald.server.storage.tallies import Kind

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
FAILED = {"type": "error", "output": {"error": {"type": "tool_error", "message": "SMTP"}}}


@pytest.fixture
def project(database: Database, request: pytest.FixtureRequest) -> Project:
    """One of its own for each test."""
    with database.writing() as connection:
        return ensured(connection, request.node.name)


@pytest.fixture(autouse=True)
def _whole_in_the_end(database: Database, project: Project) -> Iterator[None]:
    yield
    assert wrong(database, project) == []


def wrong(database: Database, project: Project) -> list[str]:
    with database.reading() as connection:
        return list(recounting.wrong(connection, project))


def call(model: str, cost: float = 0.5) -> dict[str, Any]:
    tokens = {"input": 10, "output": 1}
    return {"type": "llm_call", "input": {"model": model}, "cost": cost, "tokens": tokens}


def imported(database: Database, project: Project, **said: Any) -> None:
    body = TraceBody.model_validate({"started_at": NOON} | said)
    with database.writing() as connection:
        storage.imported(connection, project, body, storage.prepared(project, body))


def heard(database: Database, project: Project, session: str, *, at: datetime, **said: Any) -> None:
    body = EventBody.model_validate({"session_id": session, "timestamp": at} | said)
    with database.writing() as connection:
        events.accepted(connection, project, event_rows.prepared(project, body))


def deleted(database: Database, project: Project, trace_id: str) -> None:
    with database.writing() as connection:
        storage.deleted(connection, project, trace_id)


def names(database: Database, project: Project, kind: Kind) -> set[str]:
    with database.reading() as connection:
        own = tallies.c.project_id == project.id, tallies.c.kind == int(kind)
        return set(connection.scalars(select(tallies.c.name).where(*own)))


def test_a_trace_that_is_replaced_counts_once(database: Database, project: Project) -> None:
    """As what it is now: another day, other models, tags and costs."""
    imported(
        database, project, id="trace_t", user_id="ann", tags=["a", "b"], steps=[call("m"), FAILED]
    )
    after = {"tags": ["b", "c"], "steps": [call("m", 0.25), call("n")], "total_cost": 7}
    imported(database, project, id="trace_t", started_at=NOON + timedelta(days=2), **after)

    assert wrong(database, project) == []
    assert names(database, project, Kind.TAG) == {"b", "c"}


def test_what_is_deleted_leaves_no_name(database: Database, project: Project) -> None:
    """Of users, models and tags, which may say who it was about."""
    for n in range(2):
        imported(database, project, id=f"trace_{n}", user_id="ann", tags=["vip"], steps=[call("m")])

    for n in range(2):
        assert names(database, project, Kind.USER) == {"ann"}
        deleted(database, project, f"trace_{n}")

    named = [names(database, project, kind) for kind in (Kind.USER, Kind.MODEL, Kind.TAG)]
    assert named == [set(), set(), set()]


def test_events_count_as_they_come(database: Database, project: Project) -> None:
    """Also one that shows that its trace began the day before, and one that ends it."""
    for hours, model in ((0, "m"), (1, "m"), (-20, "n"), (2, "n")):
        at = NOON + timedelta(hours=hours)
        data = {"model": model, "cost": 0.1, "tokens": {"input": 3, "output": 4}}
        heard(database, project, "s", at=at, event_type="llm_call", user_id="ann", data=data)
        assert wrong(database, project) == []

    heard(database, project, "s", at=NOON, event_type="response", data={"status": "error"})


def test_traces_count_as_completed_when_their_session_ends(
    database: Database, project: Project
) -> None:
    """All that were running."""
    heard(database, project, "s", at=NOON, event_type="user_input", data={"message": "Hi"})
    heard(database, project, "s", at=NOON, event_type="custom", trace_id="trace_another")

    with database.writing() as connection:
        session_lists.ended(connection, project, "s", now=units.now())

    assert total(database, project, status="completed") == 2


def test_sums_are_exact_whatever_traces_cost(database: Database, project: Project) -> None:
    """A hundred of the dearest, and one that costs next to nothing."""
    steps = [call("m", 1e8), call("m", 1e8)]
    for n in range(100):
        imported(database, project, id=f"trace_{n}", user_id="ann", steps=steps, total_cost=1e8)
    imported(database, project, user_id="ann", steps=[call("m", 1e-10)])


def test_what_failed_is_not_counted(database: Database, project: Project) -> None:
    """Neither then nor in the next transaction of that connection."""
    imported(database, project, id="trace_t", session_id="s")
    with pytest.raises(ApiProblem):
        fail_after_import(database, project)
    imported(database, project)

    assert total(database, project) == 2


def fail_after_import(database: Database, project: Project) -> None:
    body = TraceBody.model_validate({"started_at": NOON})
    with database.writing() as connection:
        storage.imported(connection, project, body, storage.prepared(project, body))
        storage.deleted(connection, project, "trace_that_is_not_there")


def test_writers_at_once_lose_no_count(database: Database, project: Project) -> None:
    """All of one user, some of them deleting what others have just stored."""

    def write(hand: int) -> None:
        for n in range(6):
            said = {"user_id": "ann", "tags": ["vip"], "steps": [call("m")]}
            imported(database, project, id=f"trace_{hand}{n}", **said)
            heard(database, project, f"s{hand}", at=NOON, event_type="llm_call", data=call("m"))
            if n % 2:
                deleted(database, project, f"trace_{hand}{n}")

    with ThreadPoolExecutor(6) as hands:
        list(hands.map(write, range(6)))

    assert total(database, project, user_id="ann") == 18


def test_a_wrong_count_is_found(database: Database, project: Project) -> None:
    """By whoever checks the database."""
    imported(database, project, id="trace_t", user_id="ann")
    own = tallies.c.project_id == project.id, tallies.c.kind == int(Kind.USER)
    count = update(tallies).where(*own)

    with database.writing() as connection:
        connection.execute(count.values(traces=2))
    (said,) = wrong(database, project)
    with database.writing() as connection:
        connection.execute(count.values(traces=1))

    assert "USER 'ann'" in said


def total(database: Database, project: Project, **filters: Any) -> int:
    with database.reading() as connection:
        return trace_filters.total(connection, project, TraceQuery.model_validate(filters))


HOURS = (None, -30, -12, -1, 0, 12, 36)
BOUNDS = list(itertools.product(HOURS, HOURS))
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"user_id": "ann"},
    {"status": "error"},
    {"error": True},
    {"error": False},
    {"model": "m"},
    {"tag": "vip"},
    {"tag": "vip", "model": "m"},
    {"min_cost": 1},
    {"project": "nobody's"},
)


def test_totals_of_lists_are_what_counting_says(database: Database, project: Project) -> None:
    """Whichever filters there are, from whenever until whenever."""
    for n in range(40):
        imported(
            database,
            project,
            started_at=NOON + timedelta(hours=2 * n - 40),
            user_id="ann" if n % 3 else None,
            tags=["vip"] if n % 4 else [],
            steps=[call("m" if n % 5 else "n", n / 10), *([FAILED] if n % 7 == 0 else [])],
        )

    with database.reading() as connection:
        for filters, (start, end) in itertools.product(FILTERS, BOUNDS):
            query = TraceQuery.model_validate(filters | bounds(start, end))
            found, _ = trace_filters.filtered(project, query)
            assert trace_filters.total(connection, project, query) == counted(connection, found)


def bounds(start: int | None, end: int | None) -> dict[str, datetime]:
    named = {"start_time": start, "end_time": end}
    return {n: NOON + timedelta(hours=at) for n, at in named.items() if at is not None}


INDEXES = {
    "traces_by_start": {},
    "traces_by_user": {"user_id": "ann"},
    "traces_by_status": {"status": "error"},
    "traces_failed": {"error": True},
    "trace_models_by_start": {"model": "m"},
    "trace_tags_by_start": {"tag": "vip"},
}


@pytest.mark.parametrize("index", INDEXES)
def test_an_index_leads_to_the_newest_traces(
    database: Database, project: Project, index: str
) -> None:
    """With whichever filter: they are not sorted, and others not looked at."""
    if database.file is None:
        pytest.skip("PostgreSQL decides that by what is in the tables")
    found, started = trace_filters.filtered(project, TraceQuery.model_validate(INDEXES[index]))

    said = plan(database, found.order_by(started.desc(), traces.c.id.desc()).limit(50))

    assert f"USING INDEX {index} " in said or f"USING COVERING INDEX {index} " in said
    assert "TEMP B-TREE FOR ORDER BY" not in said


def test_an_index_leads_to_the_trace_that_goes_on(database: Database) -> None:
    """However many of its session have ended."""
    if database.file is None:
        pytest.skip("PostgreSQL decides that by what is in the tables")

    said = plan(database, events.RUNNING.params(project=1, session="s"))

    assert "USING INDEX traces_running " in said


def plan(database: Database, asked: Select[Any]) -> str:
    """How SQLite goes about it."""
    with database.reading() as connection:
        sql = asked.compile(connection.engine, compile_kwargs={"literal_binds": True})
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    return " ".join(row[3] for row in rows)
