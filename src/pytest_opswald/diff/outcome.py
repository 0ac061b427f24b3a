"""The expected outcome against what a run ended with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grades
from pytest_opswald.trace.matchers import mismatches
from pytest_opswald.trace.message_rule import MessageRule
from pytest_opswald.trace.outcome import ExpectedOutcome
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Profile
from pytest_opswald.trace.steps import ToolCall
from pytest_opswald.trace.trace import Trace

from .behaviour import behaviour_checks, effects_rule_checks
from .budgets import budget_checks
from .difference import Check
from .effects import Act, acts, effect_checks
from .grounding import whole_ground
from .invariants import invariant_checks
from .messages import facts_check, message_checks, text_check
from .schemas import schema_check
from .values import changes


@dataclass(frozen=True)
class Judging:
    """One accepted run of a golden against another run."""

    golden: Golden
    accepted: Trace
    """The golden's own trace, or that of a variant."""
    actual: Trace
    profile: Profile
    effects: Effects
    grades: Grades | None = None
    """What an LLM says of the final message, where one was asked."""

    def checks(self) -> Iterator[Check]:
        """One per expectation; what the golden does not expect must be as it was recorded."""
        yield self._status()
        yield from self._message()
        yield from self._output()
        yield from self._effects()
        yield from behaviour_checks(self._outcome, self.actual, self._known_tools)
        yield from invariant_checks(self._outcome.invariants or (), self.actual.steps, self.effects)
        if self._outcome.budgets:
            yield from budget_checks(self._outcome.budgets, self.accepted, self.actual)

    @property
    def _outcome(self) -> ExpectedOutcome:
        return self.golden.expected_outcome

    @cached_property
    def _recorded_acts(self) -> list[Act]:
        return acts(self.accepted, self.effects, self._outcome.tools)

    @property
    def _known_tools(self) -> frozenset[str]:
        steps = (*self.accepted.steps, *self.golden.trace.steps)
        return frozenset(step.input.tool for step in steps if isinstance(step, ToolCall))

    def _status(self) -> Check:
        statuses = self._outcome.statuses or (self.accepted.status,)
        held = self.actual.status in statuses
        expected = statuses[0] if len(statuses) == 1 else statuses
        code = None if held else Reason.STATUS_CHANGED
        return Check("status", "pass" if held else "fail", expected, self.actual.status, code)

    def _message(self) -> Iterator[Check]:
        """A message that is just the recorded one is judged by its facts when an LLM ran live."""
        given, actual = self._outcome.final_message, self.actual.final_message
        recorded = self.accepted.final_message
        if isinstance(given, MessageRule):
            yield from message_checks(given, recorded, actual, self.grades)
            return
        as_recorded = given in {None, self.golden.trace.final_message}
        expected = recorded if as_recorded else given
        if self.profile == "contract" and as_recorded:
            if recorded is not None:
                ground = whole_ground(self.accepted.steps)
                did = "\n".join(act.told for act in self._recorded_acts)
                yield facts_check(recorded, self.actual, ground, did)
        elif expected is not None or actual is not None:
            yield text_check(expected, actual)

    def _output(self) -> Iterator[Check]:
        recorded, actual = self.accepted.structured_output, self.actual.structured_output
        schema = self._outcome.output_schema
        if schema is not None:
            yield schema_check("output.json_schema", schema, actual)
        if self._outcome.expects_output:
            yield _matched(self._outcome.expected_output, actual)
        elif schema is None and self.profile == "exact" and (recorded, actual) != (None, None):
            yield _output_check(recorded, actual)

    def _effects(self) -> Iterator[Check]:
        """Judged when asked for, and under `contract` unless told not to."""
        rule = self._outcome.effects
        if rule == "none" or (rule is None and self.profile == "exact"):
            return
        actual = acts(self.actual, self.effects, self._outcome.tools)
        if rule is None or rule == "golden":
            yield from effect_checks(self._recorded_acts, actual)
        else:
            yield from effects_rule_checks(rule, actual)


def _matched(expected: object, actual: object) -> Check:
    wrong = list(mismatches(expected, actual, "output"))
    if not wrong:
        return Check("output", "pass", expected, actual)
    return _output_check(expected, actual, ", ".join(wrong))


def _output_check(expected: object, actual: object, told: str = "") -> Check:
    found = changes("output", expected, actual, exact=True)
    told = told or ", ".join(change.path for change in found)
    code = Reason.OUTPUT_MISMATCH if found else None
    return Check("output", "fail" if found else "pass", expected, actual, code, told)
