"""What one run of a test says as a trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from pytest_opswald.report.summary import Summary
from pytest_opswald.stats.trials import Ended, Trial
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Custom, LlmCall, Step

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


def is_trial(phases: Sequence[pytest.TestReport]) -> bool:
    """Whether the agent had its chance: set up, run and torn down, neither skipped nor xfailed."""
    if len(phases) != 3:
        return False
    _, call, teardown = phases
    return teardown.passed and not call.skipped and not hasattr(call, "wasxfail")


def trial_of(report: Any, summary: Summary | None) -> Trial:
    """The call phase of a run, and what its golden says of it."""
    if summary is None:
        return Trial("pass" if report.passed else "fail", _crash(report))
    tokens = summary.run.total_tokens
    lost = infra_errors(summary)
    ended: Ended = "infra" if lost else "pass" if report.passed else "fail"
    return Trial(
        ended=ended,
        said=lost[0] if lost else _crash(report),
        breaches=tuple(dict.fromkeys(_breaches(summary))),
        tokens=tokens.input + tokens.output,
        cost_usd=summary.run.total_cost,
        latency_ms=round(report.duration * 1000, 1),
    )


def infra_errors(summary: Summary) -> list[str]:
    """Provider and network errors that ended a call of this run, beyond those of the golden."""
    recorded = sum(_is_infra(row.golden) for row in summary.rows if row.golden)
    lost = [step for step in summary.run.exchanges if _is_infra(step)]
    return [
        step.error.message if step.error else "the connection broke" for step in lost[recorded:]
    ]


def _is_infra(step: Step) -> bool:
    if not isinstance(step, LlmCall | Custom) or step.http is None:
        return False
    http = step.http
    if http.failure or http.broke or http.ended == "error" or http.status in _BUSY:
        return True
    return http.status >= 500 or (http.status < 400 and step.status == "error")


def _breaches(summary: Summary) -> Iterable[str]:
    for check in summary.checks:
        if check.verdict == "fail" and check.code in ZERO_TOLERANCE:
            yield check.id


def _crash(report: Any) -> str:
    """The first line of why a test failed; empty when it passed."""
    if report.passed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    told = crash.message if crash else str(report.longrepr)
    return next(iter(told.splitlines()), "")
