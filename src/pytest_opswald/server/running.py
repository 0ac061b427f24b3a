"""What a running server shares between its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from .database.engine import Database
from .settings import ServerSettings
from .storage.projects import Project


@dataclass(frozen=True, slots=True)
class Running:
    """Made when the server starts, closed when it stops."""

    settings: ServerSettings
    database: Database
    project: Project
    """Whose data is meant where no key is needed."""


async def running(request: Request) -> Running:
    return cast(Running, request.app.state.running)


Server = Annotated[Running, Depends(running)]
"""For the parameters of a route."""
