"""What a replay came to, as the result of a golden test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic_core import to_jsonable_python

from pytest_opswald.api.golden_tests import Outcome, OutcomeChange, ResultDiff, StepChange
from pytest_opswald.diff.difference import Change, ChangeKind, Check, Op
from pytest_opswald.report.phrases import subject
from pytest_opswald.report.summary import Row, Summary

_KINDS: dict[ChangeKind, Literal["changed", "missing", "added", "type_changed"]] = {
    "changed": "changed",
    "added": "added",
    "removed": "missing",
    "type_changed": "type_changed",
}
_OPS: dict[Op, Literal["changed", "missing", "unexpected", "moved"]] = {
    "changed": "changed",
    "missing": "missing",
    "extra": "unexpected",
    "moved": "moved",
}


def result_of(summary: Summary) -> dict[str, Any]:
    """The fields of a ResultBody that the replay knows, as JSON data."""
    run, counts = summary.run, summary.counts
    used, saved = run.total_tokens, counts.tokens_saved
    told = {
        "cost": max(0.0, round(run.total_cost - counts.usd_saved, 10)),
        "tokens": {
            "input": max(0, used.input - saved.input),
            "output": max(0, used.output - saved.output),
        },
        "expected": _expected(summary),
        "actual": Outcome(
            status=run.status,
            final_message=run.final_message,
            structured_output=run.structured_output,
        ),
        "diff": _diff(summary),
    }
    data: dict[str, Any] = to_jsonable_python(told, fallback=repr)
    return data


def _expected(summary: Summary) -> Outcome:
    wanted = {check.id.partition(".")[0]: check.expected for check in reversed(summary.checks)}
    status = wanted.get("status")
    return Outcome(
        status=" or ".join(map(str, status)) if isinstance(status, list | tuple) else status,
        final_message=wanted.get("final_message"),
        structured_output=wanted.get("output"),
    )


def _diff(summary: Summary) -> ResultDiff | None:
    rows = summary.differing
    failed = [check for check in summary.checks if check.verdict == "fail"]
    if not rows and not failed and not summary.findings:
        return None
    return ResultDiff(
        summary=summary.headline,
        first_divergent_step=rows[0].step.step_number if rows else None,
        outcome=tuple(map(_outcome_change, failed)),
        steps=tuple(_steps(rows)),
    )


def _outcome_change(check: Check) -> OutcomeChange:
    return OutcomeChange(
        path=check.id, kind="changed", expected=check.expected, actual=check.actual
    )


def _steps(rows: tuple[Row, ...]) -> Iterator[StepChange]:
    for row in rows:
        yield StepChange(
            op=_OPS[row.op],
            golden_step=row.golden.step_number if row.golden else None,
            actual_step=row.actual.step_number if row.actual else None,
            type=row.step.type,
            name=subject(row.step) or None,
            changes=tuple(map(_change, row.changes)),
        )


def _change(change: Change) -> OutcomeChange:
    return OutcomeChange(
        path=change.path,
        kind=_KINDS[change.kind],
        expected=change.expected,
        actual=change.actual,
    )
