"""Rules about what a run must and must not do, whatever path it takes."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.diff.compare import compare
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import GuardrailEval, Handoff, StateChange
from tests.diff.traces import call, difference, golden, response, result, trace, use

END = response("Refunded 20 EUR for order 42.")
RUN = trace(
    use("lookup_order", order_id=42),
    use("confirm", text="really?"),
    use("refund", order_id=42, amount=20),
    Handoff(input={"to_agent": "triage"}),
    Handoff(input={"to_agent": "billing"}),
    GuardrailEval(input={"guardrail": "pii"}, output={"passed": True}),
    GuardrailEval(input={"guardrail": "abuse"}, output={"passed": False, "blocked": True}),
    StateChange(input={"key": "status"}, output={"new": "open"}),
    StateChange(input={"key": "status"}, output={"new": "approved"}),
    END,
)
WRITE = {"forall": {"effect": "write"}}

RULES: dict[str, tuple[dict[str, Any], Reason | str | None]] = {
    "required": ({"tools": {"required": ["refund"]}}, None),
    "required by glob": ({"tools": {"required": ["lookup_*"]}}, None),
    "required, missing": ({"tools": {"required": ["ship"]}}, Reason.TOOL_MISSING),
    "required arguments": (
        {"tools": {"required": [{"name": "refund", "args": {"amount": {"$lte": 20}}}]}},
        None,
    ),
    "other arguments": (
        {"tools": {"required": [{"name": "refund", "args": {"amount": {"$lt": 20}}}]}},
        Reason.ARG_CHANGED,
    ),
    "too often": ({"tools": {"required": [{"name": "*", "times": {"max": 2}}]}}, Reason.TOOL_COUNT),
    "never": ({"tools": {"required": [{"name": "ship", "times": 0}]}}, None),
    "status": (
        {"tools": {"required": [{"name": "refund", "status": "error"}]}},
        Reason.ARG_CHANGED,
    ),
    "forbidden": ({"tools": {"forbidden": ["refund", "delete_*"]}}, Reason.TOOL_FORBIDDEN),
    "not forbidden": ({"tools": {"forbidden": ["delete_*"]}}, None),
    "allowed": ({"tools": {"allowed": ["lookup_*", "confirm", "refund"]}}, None),
    "not allowed": ({"tools": {"allowed": ["lookup_*"]}}, Reason.TOOL_FORBIDDEN),
    "order": ({"tools": {"order": [{"before": "lookup_order", "after": "refund"}]}}, None),
    "other order": (
        {"tools": {"order": [{"before": "refund", "after": "confirm"}]}},
        Reason.TOOL_ORDER,
    ),
    "order of what is not there": (
        {"tools": {"order": [{"before": "refund", "after": "ship"}]}},
        "unmeasured",
    ),
    "arguments of no tool": ({"tools": {"args": {"ship": {"ignore": ["to"]}}}}, "unmeasured"),
    "handoffs": ({"handoffs": ["triage", "billing"]}, None),
    "other handoffs": ({"handoffs": ["billing", "triage"]}, Reason.HANDOFF_CHANGED),
    "must pass": ({"guardrails": {"must_pass": ["pii"]}}, None),
    "must pass, blocked": ({"guardrails": {"must_pass": ["abuse"]}}, Reason.GUARDRAIL_CHANGED),
    "must block": ({"guardrails": {"must_block": ["abuse"]}}, None),
    "not evaluated": ({"guardrails": {"must_pass": ["age"]}}, Reason.GUARDRAIL_CHANGED),
    "none tripped": ({"guardrails": {"none_tripped": True}}, Reason.GUARDRAIL_CHANGED),
    "state": ({"state": {"status": {"$one_of": ["approved"]}}}, None),
    "other state": ({"state": {"status": "open"}}, Reason.STATE_MISMATCH),
    "state never set": ({"state": {"cart": []}}, Reason.STATE_MISMATCH),
    "before": ({"invariants": [{**WRITE, "requires_before": {"tool": "lookup_*"}}]}, None),
    "not before": (
        {"invariants": [{**WRITE, "requires_before": {"tool": "ship"}}]},
        Reason.INVARIANT_BROKEN,
    ),
    "about nothing": (
        {"invariants": [{"forall": {"tool": "ship"}, "requires_before": {"tool": "confirm"}}]},
        "unmeasured",
    ),
    "no loop": ({"invariants": [{"no_loop": 1}]}, None),
}


@pytest.mark.parametrize("profile", ["exact", "contract"])
@pytest.mark.parametrize(("rule", "expected"), RULES.values(), ids=RULES)
def test_rules_hold_in_both_profiles(
    rule: dict[str, Any], expected: Reason | str | None, profile: str
) -> None:
    """Each has a code of its own; one that is about nothing is never a silent pass."""
    found = difference(RUN, RUN, profile, **rule)

    if expected == "unmeasured":
        assert "unmeasured" in [check.verdict for check in found.checks]
        assert not found.failed
    else:
        assert found.reason_codes == (() if expected is None else (expected,))


def test_loops_are_told_by_their_length() -> None:
    """The same call with the same arguments, in a row."""
    look = use("look", n=1)
    run = trace(look, look, use("look", n=2), look, look, look)

    (check,) = [
        c
        for c in difference(run, run, invariants=[{"no_loop": 2}]).checks
        if c.id.startswith("invariants")
    ]

    assert (check.code, check.actual) == (Reason.LOOP_DETECTED, 3)


def test_results_are_tied_to_their_calls() -> None:
    """Of two calls in flight together, the one that failed is the one that is asked about."""
    failed = result("look", "no", "2").model_copy(update={"status": "error"})
    run = trace(call("look", "1", n=1), call("look", "2", n=2), result("look", "ok", "1"), failed)
    rule = {"name": "look", "args": {"n": 2}, "status": "error"}

    assert not difference(run, run, tools={"required": [rule]}).failed


STEPS = (use("lookup_order", order_id=42), use("refund", order_id=42, amount=20))


@pytest.mark.parametrize("profile", ["exact", "contract"])
def test_any_accepted_run_will_do(profile: Any) -> None:
    """Steps, effects and facts are those of one of them, never a mixture."""
    first, second = trace(*STEPS, END), trace(STEPS[0], response("Bought on 2020-01-05: too late."))
    mixed = trace(*STEPS[:1], END)
    accepted = golden(first, final_message="Refunded 20 EUR for order 42.").model_copy(
        update={"variants": (second,)}
    )

    verdicts = [compare(accepted, run, profile=profile).failed for run in (first, second, mixed)]

    assert verdicts == [False, False, True]


def test_the_variant_that_fits_best_is_told() -> None:
    """A report shows what is missing to the run that is meant."""
    second = trace(use("search", query="a"), *STEPS, END)
    accepted = golden(trace(END)).model_copy(update={"variants": (second,)})

    found = compare(accepted, trace(*STEPS, END), profile="exact")

    assert [row.golden.input.tool for row in found.changed if row.golden] == ["search", "search"]
