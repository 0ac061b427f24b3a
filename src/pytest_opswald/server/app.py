"""The server as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware

from . import openapi, problems
from .auth.admission import Admission
from .auth.identity import Identity, payer
from .database.engine import Database, opened
from .database.schema import upgrade
from .guard.stack import guards
from .routes import (
    analytics,
    events,
    golden_runs,
    golden_tests,
    health,
    links,
    replays,
    runner,
    sessions,
    traces,
    webhooks,
)
from .routes.parameters import known_parameters
from .running import Running
from .settings import ServerSettings
from .storage import projects
from .webhooks.worker import delivering
from .work.closing import closing
from .work.queue import dispatching
from .work.worker import replaying

_RESOURCES = (
    events,  # first, because a request is compared with one after the other
    traces,
    sessions,
    analytics,
    replays,
    runner,
    golden_runs,
    golden_tests,
    webhooks,
)


def create_app(settings: ServerSettings) -> FastAPI:
    """The API over the settings' database, which is opened when the application starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with opened(settings.db) as database:
            upgrade(database)
            with database.writing() as connection:
                project = projects.ensured(connection)
            app.state.running = Running(settings, database, project)
            with (
                delivering(settings, database),
                closing(database),
                _replaying(settings, database),
            ):
                yield

    app = FastAPI(
        title="Opswald API",
        version=version("pytest-opswald"),
        lifespan=lifespan,
        middleware=guards(
            settings,
            identity=Middleware(Identity),
            payer=payer,
            admission=Middleware(Admission),
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    known = [Depends(known_parameters)]
    for resource in _RESOURCES:
        app.include_router(
            resource.router, prefix="/v1", dependencies=known, responses=openapi.PROBLEMS
        )
    app.include_router(links.router)
    app.include_router(health.router)
    openapi.publish(app)
    problems.install(app)
    return app


def _replaying(settings: ServerSettings, database: Database) -> AbstractContextManager[None]:
    if settings.queue == "procrastinate":
        return dispatching(database)
    return replaying(settings, database)
