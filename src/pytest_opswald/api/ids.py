"""Ids: a kind, and a UUIDv4 as 32 hex digits behind it."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Kind = Literal["trace", "session", "replay", "evt", "test", "run", "wh", "msg", "key"]

_OF_KIND = r"{kind}_[A-Za-z0-9_-]{{1,120}}"
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}"


def new_id(kind: Kind) -> str:
    """`trace_9b2f...`"""
    return f"{kind}_{uuid4().hex}"


def is_id(kind: Kind, text: str) -> bool:
    """Whether this may be an id of that kind: ours, any UUID, or the 32 hex digits of a span tree."""
    return re.fullmatch(pattern(kind), text) is not None


def pattern(kind: Kind) -> str:
    """The regular expression of such ids."""
    return f"{_OF_KIND.format(kind=kind)}|{_UUID}"


def expected(kind: Kind) -> str:
    """What an error says of an id that is none."""
    return f"{kind}_<id> or UUID v4 format"


def _checked(kind: Kind) -> AfterValidator:
    def check(text: str) -> str:
        if is_id(kind, text):
            return text
        raise PydanticCustomError("id", "{form}", {"form": expected(kind)})

    return AfterValidator(check)


def _described(kind: Kind) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern(kind)})$"})


TraceId = Annotated[str, _checked("trace"), _described("trace")]
WebhookId = Annotated[str, _checked("wh"), _described("wh")]
DeliveryId = Annotated[str, _checked("msg"), _described("msg")]
TestId = Annotated[str, _checked("test"), _described("test")]
RunId = Annotated[str, _checked("run"), _described("run")]
ReplayId = Annotated[str, _checked("replay"), _described("replay")]
