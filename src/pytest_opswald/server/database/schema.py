"""Brings a database to the tables of this release when the server starts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pytest_opswald.errors import InvalidSetting

from .engine import Database
from .turns import in_turn

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Make the tables, or change those of an earlier release.

    A SQLite file that is changed is copied to `<file>.bak` first. Raises InvalidSetting when a
    later release has written the database.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    known = ScriptDirectory.from_config(config)
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":  # what takes long here must not be cut off
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        in_turn(connection, "schema")  # several processes may start at once
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision == known.get_current_head():
            return
        if revision and revision not in {script.revision for script in known.walk_revisions()}:
            raise InvalidSetting(f"A later release has written {database.url!r}: upgrade this one")
        if database.file and revision:
            copy(database.file, database.file.with_name(f"{database.file.name}.bak"))
        _migrate(config, connection)


def copy(source: Path, target: Path) -> None:
    """A whole copy of a SQLite file that others may be writing."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as backup:
        origin.backup(backup)


def _migrate(config: Config, connection: Connection) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
