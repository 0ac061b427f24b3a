"""Structured output, and messages that are JSON, against a JSON Schema."""

from __future__ import annotations

from typing import Any

from pytest_opswald.trace.json_schema import violations
from pytest_opswald.trace.reasons import Reason

from .difference import Check
from .read_by_programs import json_of

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
    name = "final_message.json_schema"
    try:
        value = json_of(message)
    except ValueError:
        return _failed(name, "the message is no JSON")
    return schema_check(name, schema, value)


def _failed(name: str, told: str) -> Check:
    return Check(name, "fail", "JSON Schema", None, Reason.SCHEMA_INVALID, told)
