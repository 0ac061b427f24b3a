"""The API's description: what FastAPI finds out, the bodies we read, the errors we answer."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json

from pytest_opswald.api.base import Body
from pytest_opswald.api.problems import ProblemBody

_SCHEMAS = "#/components/schemas/{model}"
_JSON = "application/json"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemBody, "description": "What is wrong with the request"},
    "5XX": {"model": ProblemBody, "description": "What is wrong with the server"},
}
"""For every route."""


def takes(document: type[Body], *, optional: bool = False) -> dict[str, Any]:
    """`openapi_extra` of a route that reads a `JsonBody`."""
    schema = document.model_json_schema(ref_template=_SCHEMAS)
    return {"requestBody": {"required": not optional, "content": {_JSON: {"schema": schema}}}}


def publish(app: FastAPI) -> None:
    """Answer `/openapi.json`, which is made when it is first asked for."""
    lock, made = Lock(), list[bytes]()

    def document() -> Response:
        with lock:  # FastAPI fails when two threads have it described at once
            if not made:
                made.append(to_json(described(app)))
        return Response(made[0], media_type=_JSON)

    app.add_api_route("/openapi.json", document, include_in_schema=False)


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    said = get_openapi(title=app.title, version=app.version, routes=app.routes)
    said["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    said["security"] = [{"key": []}, {}]
    schemas = said["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in _operations(said):
        operation["responses"].pop("422", None)  # our handlers answer 400
        if "requestBody" in operation:
            schemas |= operation["requestBody"]["content"][_JSON]["schema"].pop("$defs", {})
    said["components"]["schemas"] = dict(sorted(schemas.items()))
    return said


def _operations(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for path in said["paths"].values() for operation in path.values())
