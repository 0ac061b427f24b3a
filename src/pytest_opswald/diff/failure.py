"""Whether a tool call came to nothing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pytest_opswald.trace.steps import ToolResult

REFUSED = "NoRecordedAnswer"
"""How the error of a call begins that a replay refused: the agent did mean to do it."""
_COMPLAINT = re.compile(
    r"\W*(?:(?:error|[a-z]\w*(?:error|exception))\s*:|(?:failed|unable) to\b)", re.IGNORECASE
)
_FAILED = {"error", "failed", "failure"}
_LEAST_HTTP_ERROR = 400


def has_failed(result: ToolResult) -> bool:
    """By its own fault; many tools say so in their result: `Error: no such user`."""
    if result.status == "error":
        return not str(result.output.error or "").startswith(REFUSED)
    return _complains(result.output.result)


def _complains(result: Any) -> bool:
    match _read(result):
        case Mapping() as told:
            flags = (told.get("success"), told.get("ok"), not told.get("isError"))
            return any(map(told.get, ("error", "errors"))) or False in flags or _failed(told)
        case str() as text:
            return _COMPLAINT.match(text) is not None
    return False


def _failed(told: Mapping[str, Any]) -> bool:
    status = told.get("status")
    if isinstance(status, int):
        return status >= _LEAST_HTTP_ERROR
    return str(status).casefold() in _FAILED


def _read(result: Any) -> Any:
    """What a text says that is an object: JSON, or as Python writes it."""
    if isinstance(result, str) and result.lstrip().startswith("{"):
        for read in (json.loads, ast.literal_eval):
            with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
                return read(result.strip())
    return result
