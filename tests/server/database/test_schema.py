"""The database of a release, and how it comes to be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.server.database import schema
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.database.tables import metadata


def test_migrations_make_the_tables_we_ask(db: str) -> None:
    """Nothing is in the tables that no migration makes."""
    with opened(db) as database:
        upgrade(database)
        with database.writing() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_migration_may_take_its_time(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a statement is for requests."""
    limits = []

    def migrated(_: Config, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            limits.append(connection.exec_driver_sql("SHOW statement_timeout").scalar())

    monkeypatch.setattr(schema, "_migrate", migrated)
    with opened(db) as database:
        upgrade(database)

    assert limits in ([], ["0"])


def test_a_database_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    """An older server does not guess what newer tables mean."""
    with opened(f"sqlite:///{tmp_path / 'opswald.db'}") as database:
        upgrade(database)
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

        with pytest.raises(InvalidSetting, match="later release"):
            upgrade(database)


def test_an_older_file_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    """`opswald.db.bak` is the file as it was."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with opened(f"sqlite:///{tmp_path / 'opswald.db'}") as database:
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")

        upgrade(database)

    with (
        opened(f"sqlite:///{tmp_path / 'opswald.db.bak'}") as backup,
        backup.reading() as connection,
    ):
        assert MigrationContext.configure(connection).get_current_revision() == "0001"


def test_servers_that_start_at_once_make_the_tables_once(db: str) -> None:
    """Whoever comes second finds them."""

    def start(_: int) -> None:
        with opened(db) as database:
            upgrade(database)

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(start, range(4)))
