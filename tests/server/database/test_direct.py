"""Statements that go to the driver as they are come to the same as those of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.database.tables import blobs, notices

KEEP = Direct(lambda _: insert(blobs))
FIND = Direct(
    lambda _: (
        select(blobs.c.hash, blobs.c.data)
        .where(blobs.c.project_id == 7, blobs.c.hash >= bindparam("least"))
        .order_by(blobs.c.hash)
        .limit(1)
    )
)
NOTE = Direct(lambda _: insert(notices).returning(notices.c.seq))


@pytest.fixture
def connection(db: str) -> Iterator[Connection]:
    with opened(db) as database:
        upgrade(database)
        with database.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()


def blob(number: int, project: int = 7) -> dict[str, object]:
    return {"project_id": project, "hash": bytes([number]), "data": b"said %d" % number}


def test_rows_are_written_and_found(connection: Connection) -> None:
    """Values that the statement brings along stand beside those that it is given."""
    KEEP.run(connection, blob(3, project=8), blob(4), blob(5))

    assert FIND.row(connection, {"least": b"\1"}) == {"hash": b"\4", "data": b"said 4"}
    assert FIND.value(connection, {"least": b"\5"}) == b"\5"


def test_nothing_found_is_none(connection: Connection) -> None:
    """As a row, and as a value."""
    assert FIND.row(connection, {"least": b"\1"}) is None
    assert FIND.value(connection, {"least": b"\1"}) is None


def test_what_a_statement_returns_is_a_row(connection: Connection) -> None:
    """Such as the number that the database gave."""
    note = {"project_id": 7, "event": "trace.completed", "data": b"{}", "at": 1}

    first, second = NOTE.value(connection, note), NOTE.value(connection, note)

    assert second == first + 1


def test_failures_are_those_of_sqlalchemy(connection: Connection) -> None:
    """They do not repeat what users said."""
    KEEP.run(connection, blob(4))

    with pytest.raises(IntegrityError) as caught:
        KEEP.run(connection, blob(4))

    assert "said 4" not in str(caught.value)


def test_it_is_part_of_the_transaction(connection: Connection) -> None:
    """SQLAlchemy sees it, and takes it back with the rest."""
    point = connection.begin_nested()
    KEEP.run(connection, blob(4))
    assert connection.execute(select(blobs.c.data)).scalars().all() == [b"said 4"]

    point.rollback()

    assert connection.execute(select(blobs.c.data)).scalars().all() == []
