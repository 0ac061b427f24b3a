"""What tests of webhooks share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_opswald.server.database import tables
from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.database.schema import upgrade

from .receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def database(db: str) -> Iterator[Database]:
    """Without the webhooks of the tests before, and what was on its way to them."""
    with opened(db) as there:
        upgrade(there)
        with there.writing() as connection:
            for table in (tables.webhooks, tables.webhook_deliveries, tables.notices):
                connection.execute(table.delete())
        yield there
