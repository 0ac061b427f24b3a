"""Whether a tool call came to nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pytest_opswald.trace.steps import ToolResult

REFUSED = "NoRecordedAnswer"
"""How the error of a call begins that a replay refused: the agent did mean to do it."""
_COMPLAINT = re.compile(r"\W*(?:error|[a-z]\w*(?:error|exception))\s*:", re.IGNORECASE)
_FAILED = {"error", "failed", "failure"}


def has_failed(result: ToolResult) -> bool:
    """By its own fault; many tools say so in their result: `Error: no such user`."""
    if result.status == "error":
        return not str(result.output.error or "").startswith(REFUSED)
    return _complains(result.output.result)


def _complains(result: Any) -> bool:
    match _read(result):
        case Mapping() as told:
            flags = (told.get("success"), told.get("ok"), not told.get("isError"))
            status = str(told.get("status")).casefold()
            return bool(told.get("error")) or False in flags or status in _FAILED
        case str() as text:
            return _COMPLAINT.match(text) is not None
    return False


def _read(result: Any) -> Any:
    if isinstance(result, str) and result.lstrip().startswith("{"):
        try:
            return json.loads(result)
        except ValueError:
            return result
    return result
