"""What one live run of a golden says beyond its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Custom, LlmCall, Step

from .summary import Summary

ZERO_TOLERANCE = frozenset(
    {
        Reason.TOOL_FORBIDDEN,
        Reason.INVARIANT_BROKEN,
        Reason.LOOP_DETECTED,
        Reason.GUARDRAIL_CHANGED,
        Reason.EFFECT_EXTRA,
    }
)
"""What must not happen in a single trial: no rate makes up for it."""
_BUSY = frozenset({408, 429})
"""Statuses below 500 that tell of the provider, not of the request."""


def breaches(summary: Summary) -> tuple[str, ...]:
    """Ids of the checks that failed and must not fail once."""
    return tuple(dict.fromkeys(_breaches(summary)))


def infra_errors(summary: Summary) -> list[str]:
    """Provider and network errors that ended a call of this run, beyond those of the golden, or
    kept a check that gates from being measured."""
    recorded = sum(_is_infra(row.golden) for row in summary.rows if row.golden)
    lost = [step for step in summary.run.exchanges if _is_infra(step)]
    unmeasured = [
        check.message
        for check in summary.checks
        if check.verdict == "unmeasured" and check.code is Reason.INFRA
    ]
    return [
        *(step.error.message if step.error else "the connection broke" for step in lost[recorded:]),
        *unmeasured,
    ]


def _is_infra(step: Step) -> bool:
    if not isinstance(step, LlmCall | Custom) or step.http is None:
        return False
    http = step.http
    if http.failure or http.broke or http.ended == "error" or http.status in _BUSY:
        return True
    return http.status >= 500 or (http.status < 400 and step.status == "error")


def _breaches(summary: Summary) -> Iterator[str]:
    for check in summary.checks:
        if check.verdict == "fail" and check.code in ZERO_TOLERANCE:
            yield check.id
