"""What one run of a test says as a trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pytest_opswald.report.summary import Summary
from pytest_opswald.report.trial import breaches, infra_errors
from pytest_opswald.stats.trials import Ended, Trial


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
        breaches=breaches(summary),
        tokens=tokens.input + tokens.output,
        cost_usd=summary.run.total_cost,
        latency_ms=round(report.duration * 1000, 1),
    )


def _crash(report: Any) -> str:
    """The first line of why a test failed; empty when it passed."""
    if report.passed:
        return ""
    crash = getattr(report.longrepr, "reprcrash", None)
    told = crash.message if crash else str(report.longrepr)
    return next(iter(told.splitlines()), "")
