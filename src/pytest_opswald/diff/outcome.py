"""The expected outcome against what a run ended with."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import MessageRule
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .budgets import budget_checks
from .difference import Check
from .gates import Profile
from .messages import facts_check, message_checks, text_check
from .values import changes


def outcome_checks(golden: Golden, actual: Trace, profile: Profile) -> Iterator[Check]:
    """One check per expectation; what the golden does not expect must be as it was recorded."""
    yield _status(golden, actual)
    yield from _message(golden, actual, profile)
    yield from _output(golden, actual, profile)
    if golden.expected_outcome.budgets:
        yield from budget_checks(golden.expected_outcome.budgets, golden.trace, actual)


def _status(golden: Golden, actual: Trace) -> Check:
    statuses = golden.expected_outcome.statuses or (golden.trace.status,)
    held = actual.status in statuses
    expected = statuses[0] if len(statuses) == 1 else statuses
    code = None if held else Reason.STATUS_CHANGED
    return Check("status", "pass" if held else "fail", expected, actual.status, code)


def _message(golden: Golden, actual: Trace, profile: Profile) -> Iterator[Check]:
    """A message that is just the recorded one is judged by its facts when an LLM ran live."""
    given, recorded = golden.expected_outcome.final_message, golden.trace.final_message
    if isinstance(given, MessageRule):
        yield from message_checks(given, actual.final_message)
        return
    expected = recorded if given is None else given
    if profile == "contract" and expected == recorded:
        if recorded is not None:
            yield facts_check(recorded, actual.final_message)
    elif expected is not None or actual.final_message is not None:
        yield text_check(expected, actual.final_message)


def _output(golden: Golden, actual: Trace, profile: Profile) -> Iterator[Check]:
    outcome, recorded = golden.expected_outcome, golden.trace.structured_output
    if outcome.has_output:
        yield _output_check(outcome.expected_output, actual.structured_output)
    elif profile == "exact" and (recorded, actual.structured_output) != (None, None):
        yield _output_check(recorded, actual.structured_output)


def _output_check(expected: object, actual: object) -> Check:
    found = changes("output", expected, actual, exact=True)
    told = ", ".join(change.path for change in found)
    code = Reason.OUTPUT_MISMATCH if found else None
    return Check("output", "fail" if found else "pass", expected, actual, code, told)
