"""A golden against a run."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grades
from pytest_opswald.trace.replay_spec import Profile
from pytest_opswald.trace.trace import Trace

from .difference import Difference
from .follows import with_follows
from .gates import gated, gating_ops, rule_for, steps_check
from .naming import named
from .outcome import Judging
from .rows import rows_of
from .steps import align


def compare(
    golden: Golden,
    actual: Trace,
    *,
    profile: Profile,
    allow_unused: bool = False,
    effects: Mapping[str, str] | None = None,
    grades: Grades | None = None,
) -> Difference:
    """Every step of both, aligned, and every expectation, judged.

    `exact` is for a replay that changes nothing: whatever differs comes from the code, and gates.
    `contract` is for one that does: the outcome gates, the steps are shown; see
    `trace.outcome.StepsRule` for making them gate. With `allow_unused`, recorded steps that the
    run did without are shown and do not gate. `effects` says what tools do, and wins over what the
    golden says of them. `grades` are what an LLM says of the final message, where one was asked.

    Where a golden has variants, the run is held against the accepted run that it meets best.
    """
    known = Effects(effects or {}, golden=golden.effects)
    best: Difference | None = None
    for accepted in (golden.trace, *golden.variants):
        judging = Judging(golden, accepted, actual, profile, known, grades)
        found = _against(judging, allow_unused=allow_unused)
        if best is None or _distance(found) < _distance(best):
            best = found
        if not best.changed and not best.failed:
            break
    assert best is not None
    return best


def _against(judging: Judging, *, allow_unused: bool) -> Difference:
    rule = rule_for(judging.profile, judging.golden.expected_outcome.steps_rule)
    steps, actual = judging.accepted.steps, judging.actual.steps
    rows = named(rows_of(align(steps, actual), steps, actual, ignore=rule.ignore), steps)
    ops = gating_ops(rule, allow_unused=allow_unused)
    pairs = gated(list(with_follows(rows)), rule, ops)
    return Difference(tuple(pairs), (*judging.checks(), steps_check(pairs, rule, ops)))


def _distance(found: Difference) -> tuple[bool, int, int]:
    gating = sum(pair.gates for pair in found.pairs) + len(found.failed_checks)
    return found.failed, gating, len(found.changed)
