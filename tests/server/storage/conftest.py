"""A database, and a project in it, without a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.storage import projects
from pytest_opswald.server.storage.projects import Project


@pytest.fixture(scope="module")
def database(db: str) -> Iterator[Database]:
    with opened(db) as database:
        upgrade(database)
        yield database


@pytest.fixture(scope="module")
def project(database: Database) -> Project:
    with database.writing() as connection:
        return projects.ensured(connection)
