"""From what the journal and the comparison found to one summary, each fact told once."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_opswald.diff.difference import Change, Difference, StepPair
from pytest_opswald.engine.result import Finding, Replay
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec

from .summary import Profile, Row, Summary


def summarise(replay: Replay, difference: Difference, *, profile: Profile) -> Summary:
    """The summary of one replay."""
    rows = [_row(pair, replay.spec.changes) for pair in difference.pairs]
    rows, lone = _merged(rows, replay.findings)
    return Summary(
        golden=replay.golden.name,
        test=replay.golden.test,
        profile=profile,
        asked=_asked(replay.spec),
        rows=tuple(rows),
        checks=difference.checks,
        findings=tuple(lone),
        notices=replay.notices,
        counts=replay.counts,
        run=replay.trace,
        accept=_accepting(replay.golden),
    )


def _accepting(golden: Golden) -> str:
    return f"pytest {shlex.quote(golden.test)} --opswald-record=all"


def _asked(spec: ReplaySpec) -> str:
    fork = f"fork from step {spec.fork_from_step}" if spec.fork_from_step is not None else ""
    return ", ".join(filter(None, (spec.changes.describe(), fork)))


def _row(pair: StepPair, asked: Changes) -> Row:
    row = Row(
        op=pair.op,
        golden=pair.golden,
        actual=pair.actual,
        changes=tuple(change for change in pair.changes if not _is_asked(change, asked)),
        code=pair.code,
        cause=pair.cause,
        gates=pair.gates,
        follows=pair.follows,
    )
    return row if len(row.changes) == len(pair.changes) else _as_asked(row)


def _as_asked(row: Row) -> Row:
    """The row of a request that was changed on purpose: only what came of it is left."""
    if not row.changes and row.op == "changed":
        return replace(row, op="equal", code=None, cause=None, gates=False, follows=None)
    if all(change.path.startswith("output") for change in row.changes):
        return replace(row, code=Reason.STEP_CHANGED, cause=Cause.MODEL_DRIFT)
    return row


def _is_asked(change: Change, asked: Changes) -> bool:
    root, _, path = change.path.partition(".")
    if root not in {"request", "input"} or not asked:
        return False
    wanted: dict[str, Any] = {
        "model": asked.model_for(change.expected if isinstance(change.expected, str) else None),
        "temperature": asked.temperature,
        "max_tokens": asked.max_tokens,
        "max_completion_tokens": asked.max_tokens,
        "max_output_tokens": asked.max_tokens,
        "top_p": asked.top_p,
        "seed": asked.seed,
    }
    if path in wanted:
        return wanted[path] is not None and bool(change.actual == wanted[path])
    return asked.system_prompt is not None and _says(change.actual, asked.system_prompt)


def _says(value: Any, text: str) -> bool:
    """Whether a value is the text, or a message that holds nothing else."""
    match value:
        case str():
            return value == text
        case {"content": content, "role": "system" | "developer"}:
            return _says(content, text)
        case [{"text": content}]:
            return _says(content, text)
    return False


def _merged(rows: Sequence[Row], findings: Sequence[Finding]) -> tuple[list[Row], list[Finding]]:
    """The rows with the findings that are about the same step, and the findings left over."""
    merged, lone = list(rows), []
    for finding in findings:
        index = _place(finding, merged)
        if index is None:
            lone.append(finding)
        else:
            merged[index] = _with(merged[index], finding)
    return merged, lone


def _place(finding: Finding, rows: Sequence[Row]) -> int | None:
    """Index of the differing row that a finding is about: that of its code, if there is one."""
    candidates = [
        index
        for index, row in enumerate(rows)
        if row.differs and row.step.step_number == finding.step
    ]
    ranked = sorted(candidates, key=lambda index: rows[index].code != finding.code)
    return next(iter(ranked), None)


def _with(row: Row, finding: Finding) -> Row:
    return replace(
        row,
        findings=(*row.findings, finding),
        gates=row.gates or finding.gates,
        code=row.code or finding.code,
    )
