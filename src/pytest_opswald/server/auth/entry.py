"""Whether anybody could come in at all, told before a server starts."""

from __future__ import annotations

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import Database
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import keys


def demand_keys(settings: ServerSettings, database: Database) -> None:
    """Raises InvalidSetting where others can reach the server, and nobody has a key."""
    if settings.is_open:
        return
    with database.reading() as connection:
        if keys.any_valid(connection, units.now()):
            return
    raise InvalidSetting(
        f"{settings.url} is reached by others, and nobody has a key for it yet.\n"
        f"Make one first:  pytest-opswald keys create --db {database.url}"
    )
