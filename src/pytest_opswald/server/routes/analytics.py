"""`/v1/analytics`"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pytest_opswald.api.analytics import Cost, CostQuery, Usage, UsageQuery
from pytest_opswald.server.auth.dependencies import Reader
from pytest_opswald.server.database import units
from pytest_opswald.server.running import Server
from pytest_opswald.server.storage import analytics

from .answers import answer

router = APIRouter(prefix="/analytics", tags=["Analytics"])


@router.get("/usage", response_model=Usage)
def get_usage(server: Server, principal: Reader, query: Annotated[UsageQuery, Query()]) -> Response:
    """Traces, cost and tokens over time, and the models used most."""
    with server.database.reading() as connection:
        usage = analytics.usage(connection, principal.project, query, now=units.now())
    return answer(usage)


@router.get("/cost", response_model=Cost)
def get_cost(server: Server, principal: Reader, query: Annotated[CostQuery, Query()]) -> Response:
    """What was spent, on which models and by whom."""
    with server.database.reading() as connection:
        cost = analytics.cost(connection, principal.project, query, now=units.now())
    return answer(cost)
