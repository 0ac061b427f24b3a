"""What users said, and passwords, are not told by errors."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.database.tables import blobs


def test_an_error_does_not_tell_the_values_of_its_statement(db: str) -> None:
    """It is logged."""
    said = {"project_id": 1, "hash": b"1", "data": b"what a user said"}
    with opened(db) as database:
        upgrade(database)

        with pytest.raises(IntegrityError) as failure, database.writing() as connection:
            connection.execute(insert(blobs), [said, said])

    assert "what a user said" not in str(failure.value)


def test_a_url_that_is_none_of_ours_does_not_tell_its_password() -> None:
    """The terminal of a server is a log, too."""
    with (
        pytest.raises(InvalidSetting) as failure,
        opened("postgresql+asyncpg://user:hush-hush@host/name"),
    ):
        pass

    assert "hush-hush" not in str(failure.value)
