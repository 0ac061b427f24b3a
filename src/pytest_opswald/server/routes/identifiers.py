"""Ids in paths: what cannot be one is a bad request, not a missing thing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from pytest_opswald.api import ids
from pytest_opswald.api.base import Name
from pytest_opswald.server.problems import invalid


def checked(kind: ids.Kind, field: str, text: str) -> str:
    """The id of a body. Raises ApiProblem when it cannot be one."""
    if ids.is_id(kind, text):
        return text
    raise invalid(f"Invalid {field} format", field=field, expected=ids.expected(kind))


def _of(kind: ids.Kind) -> AfterValidator:
    def check(text: str) -> str:
        if ids.is_id(kind, text):
            return text
        raise PydanticCustomError("id", "no id", {"form": ids.expected(kind)})

    return AfterValidator(check)


def _described(kind: ids.Kind) -> Any:
    # Not checked by FastAPI, whose message would say the pattern.
    return Path(
        description=ids.expected(kind), json_schema_extra={"pattern": f"^({ids.pattern(kind)})$"}
    )


TraceId = Annotated[str, _described("trace"), _of("trace")]
SessionId = Annotated[Name, Path(description="As its client chose it")]
EventId = Annotated[Name, Path(description="As its client chose it, or evt_<id>")]
WebhookId = Annotated[str, _described("wh"), _of("wh")]
DeliveryId = Annotated[str, _described("msg"), _of("msg")]
