"""The database of a release, and how it comes to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.database.tables import metadata


def test_migrations_make_the_tables_we_ask(db: str) -> None:
    """Nothing is in the tables that no migration makes."""
    with opened(db) as database:
        upgrade(database)
        with database.writing() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    """An older server does not guess what newer tables mean."""
    with opened(f"sqlite:///{tmp_path / 'opswald.db'}") as database:
        upgrade(database)
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

        with pytest.raises(InvalidSetting, match="later release"):
            upgrade(database)
