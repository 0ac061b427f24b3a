"""Parameters of a URL that nobody reads: a typing error must not widen what was asked for."""

from __future__ import annotations

from fastapi import Request

from pytest_opswald.server.problems import invalid


async def known_parameters(request: Request) -> None:
    """Raises ApiProblem where a route has none; routes that have some say themselves which."""
    if request.query_params and not request.scope["route"].dependant.query_params:
        name = next(iter(request.query_params))
        raise invalid(f"Unknown parameter {name}", field=name, expected="no parameters")
