"""A place where two runs of the same code differ, in words."""

from __future__ import annotations

from pytest_opswald.engine.drift import Drift

from .phrases import literal

_KINDS = {
    "uuid": "a fresh uuid",
    "time": "the time",
    "epoch": "the time",
    "id": "a fresh id",
    "hex": "a fresh hexadecimal id",
    "path": "a temporary path",
    "order": "the order of a set or a race",
    "value": "",
}


def where(drift: Drift) -> str:
    """`step 2 llm_call gpt-5.2 · messages[0].content`"""
    at = f"step {drift.step} {drift.title}"
    return f"{at} · {drift.path}" if drift.path else at


def what(drift: Drift) -> str:
    """`"Tags: a, b" became "Tags: b, a" (the order of a set or a race)`"""
    told = f"{literal(drift.before)} became {literal(drift.after)}"
    kind = _KINDS[drift.kind]
    return f"{told} ({kind})" if kind else told
