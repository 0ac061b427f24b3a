"""Which rows make the verdict red."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pytest_opswald.trace.outcome import StepsMode, StepsRule
from pytest_opswald.trace.replay_spec import Profile

from .difference import Check, CheckVerdict, Op, StepPair
from .follows import number_of

_GATING: Mapping[StepsMode, frozenset[Op]] = {
    "exact": frozenset({"changed", "missing", "extra", "moved"}),
    "in_order": frozenset({"changed", "missing", "moved"}),
    "any_order": frozenset({"changed", "missing"}),
    "only": frozenset({"changed", "extra"}),
    "none": frozenset(),
}


def rule_for(profile: Profile, given: StepsRule | None) -> StepsRule:
    """The rule in force: the golden's own, else that of the profile.

    `exact` judges every step. `contract` shows them only: an LLM that runs live takes other ways
    to the same outcome.
    """
    return given or StepsRule(mode="exact" if profile == "exact" else "none")


def gating_ops(rule: StepsRule, *, allow_unused: bool) -> frozenset[Op]:
    """What a row must not be."""
    return _GATING[rule.meaning] - ({"missing"} if allow_unused else set())


def gated(rows: Sequence[StepPair], rule: StepsRule, ops: frozenset[Op]) -> list[StepPair]:
    """The rows, with whether each gates by itself; one that follows from a gating row does not."""
    gating = [row.op in ops and _is_included(row, rule) for row in rows]
    roots = {
        number_of(row)
        for row, gates in zip(rows, gating, strict=True)
        if gates and row.follows is None
    }
    return [
        replace(row, gates=True) if gates and row.follows not in roots else row
        for row, gates in zip(rows, gating, strict=True)
    ]


def steps_check(rows: Sequence[StepPair], rule: StepsRule, ops: frozenset[Op]) -> Check:
    """The rows as one line of the outcome."""
    if rule.meaning == "none":
        return _shown(rows, rule)
    if rule.include and not any(_is_included(row, rule) for row in rows):
        return Check("steps", "unmeasured", rule.mode, message="no step of the included types")
    judged = sum(row.op in ops and _is_included(row, rule) for row in rows)
    failed = any(row.gates for row in rows)
    return Check("steps", "fail" if failed else "pass", rule.mode, message=_differ(judged, rows))


def _shown(rows: Sequence[StepPair], rule: StepsRule) -> Check:
    differing = sum(row.op != "equal" for row in rows)
    verdict: CheckVerdict = "advisory" if differing else "pass"
    return Check("steps", verdict, rule.mode, message=_differ(differing, rows))


def _differ(number: int, rows: Sequence[StepPair]) -> str:
    return f"{number} of {len(rows)} steps differ" if number else ""


def _is_included(row: StepPair, rule: StepsRule) -> bool:
    step = row.golden or row.actual
    included = rule.include or (
        ("tool_call",) if rule.meaning in {"in_order", "any_order", "only"} else None
    )
    return included is None or (step is not None and step.type in included)
