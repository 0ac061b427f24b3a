"""Structured output, and messages that are JSON, against a JSON Schema."""

from __future__ import annotations

import json
import re
from typing import Any

from pytest_opswald.trace.json_schema import violations
from pytest_opswald.trace.reasons import Reason

from .difference import Check

_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)
_MOST_TOLD = 3


def schema_check(name: str, schema: Any, value: Any) -> Check:
    """Raises UnusableRule where no schema can be judged, or not this one."""
    if isinstance(schema, str):
        return Check(name, "unmeasured", schema, message="it lies in a file that was not read")
    found = violations(schema, value)
    if not found:
        return Check(name, "pass", "JSON Schema", message="is as described")
    more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return _failed(name, f"{'; '.join(found[:_MOST_TOLD])}{more}")


def message_schema_check(schema: Any, message: str | None) -> Check:
    """The message is read as JSON first, without the fence that LLMs like to put around it."""
    name = "final_message.json_schema"
    fenced = _FENCE.fullmatch(message or "")
    try:
        value = json.loads(fenced[1] if fenced else message or "")
    except ValueError:
        return _failed(name, "the message is no JSON")
    return schema_check(name, schema, value)


def _failed(name: str, told: str) -> Check:
    return Check(name, "fail", "JSON Schema", None, Reason.SCHEMA_INVALID, told)
