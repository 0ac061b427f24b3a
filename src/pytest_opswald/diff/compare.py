"""A golden against a run."""

from __future__ import annotations

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.trace import Trace

from .difference import Difference
from .follows import with_follows
from .gates import Profile, gated, gating_ops, rule_for, steps_check
from .naming import named
from .outcome import outcome_checks
from .rows import rows_of
from .steps import align


def compare(
    golden: Golden, actual: Trace, *, profile: Profile, allow_unused: bool = False
) -> Difference:
    """Every step of both, aligned, and every expectation, judged.

    `exact` is for a replay that changes nothing: whatever differs comes from the code, and gates.
    `contract` is for one that does: the outcome gates, the steps are shown; see
    `trace.outcome.StepsRule` for making them gate. With `allow_unused`, recorded steps that the
    run did without are shown and do not gate.
    """
    rule = rule_for(profile, golden.expected_outcome.steps_rule)
    steps = golden.trace.steps
    links = align(steps, actual.steps)
    rows = named(rows_of(links, steps, actual.steps, ignore=rule.ignore), steps)
    ops = gating_ops(rule, allow_unused=allow_unused)
    pairs = gated(list(with_follows(rows)), rule, ops)
    checks = (*outcome_checks(golden, actual, profile), steps_check(pairs, rule, ops))
    return Difference(tuple(pairs), checks)
