"""The closed lists of words a verdict speaks in."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes that say what kind of difference was found; scripts may rely on them."""

    STATUS_CHANGED = "STATUS_CHANGED"
    OUTPUT_MISMATCH = "OUTPUT_MISMATCH"
    SCHEMA_INVALID = "SCHEMA_INVALID"
    STEP_MISSING = "STEP_MISSING"
    STEP_EXTRA = "STEP_EXTRA"
    STEP_MOVED = "STEP_MOVED"
    STEP_CHANGED = "STEP_CHANGED"
    TOOL_MISSING = "TOOL_MISSING"
    TOOL_FORBIDDEN = "TOOL_FORBIDDEN"
    TOOL_COUNT = "TOOL_COUNT"
    TOOL_ORDER = "TOOL_ORDER"
    ARG_CHANGED = "ARG_CHANGED"
    EFFECT_MISSING = "EFFECT_MISSING"
    EFFECT_EXTRA = "EFFECT_EXTRA"
    EFFECT_CHANGED = "EFFECT_CHANGED"
    HANDOFF_CHANGED = "HANDOFF_CHANGED"
    GUARDRAIL_CHANGED = "GUARDRAIL_CHANGED"
    STATE_MISMATCH = "STATE_MISMATCH"
    REQUEST_DRIFT = "REQUEST_DRIFT"
    CACHE_MISS = "CACHE_MISS"
    CACHE_INEXACT = "CACHE_INEXACT"
    LIVE_CALL = "LIVE_CALL"
    NOT_SENT = "NOT_SENT"
    LOOP_DETECTED = "LOOP_DETECTED"
    INVARIANT_BROKEN = "INVARIANT_BROKEN"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    ERROR_NEW = "ERROR_NEW"
    INFRA = "INFRA"


class Cause(StrEnum):
    """Who changed: the request the code sent, the LLM's answer, a tool's result, other code."""

    REQUEST_DRIFT = "request drift"
    MODEL_DRIFT = "model drift"
    TOOL_DRIFT = "tool drift"
    CODE_DRIFT = "code drift"
