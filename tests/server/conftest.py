"""The server as users have it: a process of uvicorn behind a socket, on each database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from pytest_opswald.server.app import create_app
from pytest_opswald.server.settings import ServerSettings
from tests.server.serving import served

POSTGRES = os.environ.get("OPSWALD_TEST_POSTGRES")
"""`postgresql://user@host/name` of a server on which databases may be made."""


@pytest.fixture(scope="module", params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def db(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('server') / 'opswald.db'}"
    else:
        with new_postgres() as url:
            yield url


@contextmanager
def new_postgres() -> Iterator[str]:
    """A database of its own on the PostgreSQL server."""
    assert POSTGRES
    there = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    name = f"opswald_{uuid4().hex[:12]}"
    admin = create_engine(there, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield there.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@contextmanager
def serving(settings: ServerSettings) -> Iterator[str]:
    """The base URL of a server that runs until the block ends."""
    with served(create_app(settings)) as url:
        yield url


@pytest.fixture(scope="module")
def settings(db: str) -> ServerSettings:
    """A module that wants others overrides this."""
    return ServerSettings(db=db)


@pytest.fixture(scope="module")
def base_url(settings: ServerSettings) -> Iterator[str]:
    with serving(settings) as url:
        yield url


@pytest.fixture(scope="module")
def api(base_url: str) -> Iterator[httpx.Client]:
    """A client of the server; what one test stores, the others of its module see."""
    with httpx.Client(base_url=f"{base_url}/v1", timeout=30) as client:
        yield client
