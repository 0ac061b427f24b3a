"""From what the journal and the comparison found to one summary, each fact told once."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_opswald.diff.difference import Change, Difference, StepPair
from pytest_opswald.diff.naming import root_of
from pytest_opswald.engine.result import Finding, Replay
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.replay_spec import Changes, Profile, ReplaySpec
from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult

from .summary import Row, Summary

_CIRCUMSTANCES = {Reason.INFRA, Reason.LIVE_CALL, Reason.NOT_SENT}


def summarise(replay: Replay, difference: Difference, *, profile: Profile) -> Summary:
    """The summary of one replay."""
    rows = [_row(pair, replay.spec) for pair in difference.pairs]
    accept = f"pytest {shlex.quote(replay.golden.test)} --opswald-record=all"
    findings = [_less(accept, finding) for finding in replay.findings]
    rows, lone = _merged(rows, findings)
    return Summary(
        golden=replay.golden.name,
        test=replay.golden.test,
        profile=profile,
        asked=asked_of(replay.spec),
        rows=tuple(rows),
        checks=difference.checks,
        findings=tuple(lone),
        notices=replay.notices,
        counts=replay.counts,
        run=replay.trace,
        accept="" if _only_circumstances(rows, findings) else accept,
    )


def _only_circumstances(rows: Sequence[Row], findings: Sequence[Finding]) -> bool:
    """Whether all that is wrong lies in the world around the agent: nothing to accept."""
    blamed = {finding.code for finding in findings if finding.gates}
    return bool(blamed) and blamed <= _CIRCUMSTANCES and not any(row.gates for row in rows)


def _less(accept: str, finding: Finding) -> Finding:
    """The finding without the command that stands below it anyway."""
    return replace(finding, detail=tuple(line for line in finding.detail if accept not in line))


def asked_of(spec: ReplaySpec) -> str:
    """What a replay changes, as headlines have it; empty when nothing."""
    fork = f"fork from step {spec.fork_from_step}" if spec.fork_from_step is not None else ""
    return ", ".join(filter(None, (spec.changes.describe(), fork)))


def _row(pair: StepPair, spec: ReplaySpec) -> Row:
    asked = spec.changes
    row = Row(
        op=pair.op,
        golden=pair.golden,
        actual=pair.actual,
        changes=tuple(c for c in pair.changes if pair.gates or not _is_asked(c, asked)),
        code=pair.code,
        cause=_cause(pair, spec),
        gates=pair.gates,
        follows=pair.follows,
    )
    return row if len(row.changes) == len(pair.changes) else _as_asked(row)


def _cause(pair: StepPair, spec: ReplaySpec) -> Cause | None:
    """How often an LLM that runs live is asked follows from what it answers."""
    is_call = isinstance(pair.golden or pair.actual, LlmCall)
    if spec.modified and is_call and pair.op in {"extra", "missing"}:
        return Cause.MODEL_DRIFT
    return pair.cause


def _as_asked(row: Row) -> Row:
    """The row of a request that was changed on purpose: only what came of it is left."""
    if not row.changes and row.op == "changed":
        return replace(row, op="equal", code=None, cause=None, gates=False, follows=None)
    roots = {root_of(change.path) for change in row.changes}
    if "error" in roots and roots <= {"output", "error"}:
        return replace(row, code=Reason.INFRA, cause=None)
    if roots <= {"output"}:
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
    if path == "temperature" and asked.temperature == "none":
        return change.actual is None
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
    """Index of the row a finding is about: that of its step, or of the call that it refused."""
    differing = [index for index, row in enumerate(rows) if row.differs]
    if finding.step is not None:
        here = [index for index in differing if rows[index].step.step_number == finding.step]
        same_code = (index for index in here if rows[index].code == finding.code)
        return next(same_code, next(iter(here), None))
    refused = (index for index in differing if finding.message in _complaint(rows[index].actual))
    index = next(refused, None)
    return None if index is None else _call_of(index, rows)


def _complaint(step: Step | None) -> str:
    """What the agent was told went wrong."""
    told = step.error.message if step and step.error else ""
    return f"{told} {step.output.error}" if isinstance(step, ToolResult) else told


def _call_of(index: int, rows: Sequence[Row]) -> int:
    """A tool is refused when it is called: index of that row, when it differs too."""
    result = rows[index].actual
    if isinstance(result, ToolResult):
        for before in range(index - 1, -1, -1):
            call = rows[before].actual
            if isinstance(call, ToolCall) and call.input.tool == result.input.tool:
                return before if rows[before].differs else index
    return index


def _with(row: Row, finding: Finding) -> Row:
    return replace(
        row,
        findings=(*row.findings, finding),
        gates=row.gates or finding.gates,
    )
