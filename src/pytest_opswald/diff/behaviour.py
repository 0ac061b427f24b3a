"""What a run did against the rules about tools, handoffs, guardrails, state and invariants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pytest_opswald.trace.behaviour import (
    EffectsRule,
    GuardrailsRule,
    Order,
    ToolRule,
    ToolsRule,
    tool_rule,
)
from pytest_opswald.trace.matchers import argument_mismatches, matches
from pytest_opswald.trace.outcome import ExpectedOutcome
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import GuardrailEval, Handoff, StateChange, Step, ToolCall
from pytest_opswald.trace.trace import Trace

from .difference import Check
from .effects import Act
from .units import calls_by_result

Calls = Sequence[tuple[ToolCall, str]]
"""Each tool call with the status of its result."""


def behaviour_checks(
    outcome: ExpectedOutcome, actual: Trace, known: frozenset[str]
) -> Iterator[Check]:
    """One check per rule; `known` are the tools of the golden, which a rule should name."""
    if outcome.tools:
        yield from _tools(outcome.tools, _calls(actual.steps), known)
    if outcome.handoffs:
        yield _handoffs(outcome.handoffs, actual)
    if outcome.guardrails:
        yield from _guardrails(outcome.guardrails, actual)
    for key, pattern in (outcome.state or {}).items():
        yield _state(key, pattern, actual)


def effects_rule_checks(rule: EffectsRule, actual: Sequence[Act]) -> Iterator[Check]:
    """State-changing calls against a list of them."""
    for name, given in (("exactly", rule.exactly), ("at_most", rule.at_most)):
        if given is None:
            continue
        rules = [tool_rule(each) for each in given]
        for act in actual:
            if not any(_is_of(each, act.tool, act.arguments) for each in rules):
                code = Reason.EFFECT_EXTRA
                yield _check(f"effects.{name}", None, act.told, code, "is not among the effects")
        if not given and not actual:
            yield _check(f"effects.{name}", [], [], None)
        for each in {rule.model_dump_json(): rule for rule in rules}.values():
            times = sum(_is_of(each, act.tool, act.arguments) for act in actual)
            asked = each if each.times is not None else _each_once(each, rules.count(each))
            least = asked.allowed_times.min if name == "exactly" else 0
            code = Reason.EFFECT_MISSING if times < least else Reason.EFFECT_EXTRA
            held = least <= times <= _most(asked)
            yield _check(f"effects.{name}", _told(asked), times, None if held else code)


def _each_once(rule: ToolRule, named: int) -> ToolRule:
    """An effect that is named stands for one call: what is done twice is paid twice."""
    return rule.model_copy(update={"times": named})


def _tools(rule: ToolsRule, calls: Calls, known: frozenset[str]) -> Iterator[Check]:
    for each in map(tool_rule, rule.required or ()):
        yield _required(each, calls, known)
    for name in rule.forbidden or ():
        found = [call.input.tool for call, _ in calls if fnmatchcase(call.input.tool, name)]
        yield _check("tools.forbidden", name, found or None, found and Reason.TOOL_FORBIDDEN)
    if rule.allowed:
        others = sorted({c.input.tool for c, _ in calls if not _is_any(rule.allowed, c)})
        yield _check(
            "tools.allowed", rule.allowed, others or None, others and Reason.TOOL_FORBIDDEN
        )
    for order in rule.order or ():
        yield _order(order, calls)
    for name in rule.args or {}:
        if name not in known and not any(call.input.tool == name for call, _ in calls):
            said = f"no run has a tool {name}"
            yield Check("tools.args", "unmeasured", name, message=said)


def _required(rule: ToolRule, calls: Calls, known: frozenset[str]) -> Check:
    named = [(call, status) for call, status in calls if fnmatchcase(call.input.tool, rule.name)]
    fitting = [
        call
        for call, status in named
        if _is_of(rule, call.input.tool, call.input.arguments) and rule.status in {None, status}
    ]
    times, count = rule.allowed_times, len(fitting)
    if times.min <= count <= _most(rule):
        return _check("tools.required", _told(rule), count, None)
    if not any(fnmatchcase(name, rule.name) for name in known) and not named:
        said = f"the golden has no tool {rule.name} either"
        return _check("tools.required", _told(rule), count, Reason.TOOL_MISSING, said)
    code = Reason.TOOL_COUNT if fitting else Reason.ARG_CHANGED if named else Reason.TOOL_MISSING
    said = "" if fitting or not named else "called, but otherwise: " + _otherwise(rule, named)
    return _check("tools.required", _told(rule), count, code, said)


def _otherwise(rule: ToolRule, named: Calls) -> str:
    """In what the calls of the right name are not as required."""
    call, status = named[-1]
    wrong = argument_mismatches(rule.args or {}, call.input.arguments)
    return ", ".join(wrong) or f"status {status}"


def _is_of(rule: ToolRule, tool: str, arguments: Any) -> bool:
    return fnmatchcase(tool, rule.name) and not any(argument_mismatches(rule.args or {}, arguments))


def _most(rule: ToolRule) -> float:
    most = rule.allowed_times.max
    return float("inf") if most is None else most


def _told(rule: ToolRule) -> Any:
    return rule.model_dump(mode="json") if len(rule.model_fields_set) > 1 else rule.name


def _is_any(names: Sequence[str], call: ToolCall) -> bool:
    return any(fnmatchcase(call.input.tool, name) for name in names)


def _order(rule: Order, calls: Calls) -> Check:
    names = [call.input.tool for call, _ in calls]
    first = next((i for i, name in enumerate(names) if fnmatchcase(name, rule.before)), len(names))
    late = [i for i, name in enumerate(names) if fnmatchcase(name, rule.after)]
    told = f"{rule.before} before {rule.after}"
    if not late:
        said = f"{rule.after} was not called"
        return Check("tools.order", "unmeasured", told, message=said)
    held = first < late[0]
    return _check("tools.order", told, names, None if held else Reason.TOOL_ORDER)


def _handoffs(wanted: Sequence[str], actual: Trace) -> Check:
    made = [str(s.input.get("to_agent")) for s in actual.steps if isinstance(s, Handoff)]
    rest = iter(made)
    held = all(name in rest for name in wanted)
    return _check("handoffs", list(wanted), made, None if held else Reason.HANDOFF_CHANGED)


def _guardrails(rule: GuardrailsRule, actual: Trace) -> Iterator[Check]:
    evals = [step for step in actual.steps if isinstance(step, GuardrailEval)]
    for key, names, blocks in (
        ("must_pass", rule.must_pass, False),
        ("must_block", rule.must_block, True),
    ):
        for name in names or ():
            verdicts = [_blocked(step) for step in evals if _guardrail(step) == name]
            if not verdicts:
                said = f"guardrail {name} was not evaluated"
                code = Reason.GUARDRAIL_CHANGED
                yield _check(f"guardrails.{key}", name, None, code, said)
                continue
            held = any(verdicts) if blocks else not any(verdicts)
            told = "blocked" if any(verdicts) else "passed"
            code_of = None if held else Reason.GUARDRAIL_CHANGED
            yield _check(f"guardrails.{key}", name, told, code_of)
    if rule.none_tripped:
        tripped = [_guardrail(step) for step in evals if _blocked(step)]
        code_of = Reason.GUARDRAIL_CHANGED if tripped else None
        yield _check("guardrails.none_tripped", None, tripped or None, code_of)


def _guardrail(step: GuardrailEval) -> str:
    return str(step.input.get("guardrail") or step.name or "")


def _blocked(step: GuardrailEval) -> bool:
    return bool(step.output.get("blocked")) or step.output.get("passed") is False


def _state(key: str, pattern: Any, actual: Trace) -> Check:
    values = [
        step.output.get("new")
        for step in actual.steps
        if isinstance(step, StateChange) and (step.input.get("key") or step.name) == key
    ]
    if not values:
        code = Reason.STATE_MISMATCH
        return _check(f"state.{key}", pattern, None, code, "was never set")
    held = matches(pattern, values[-1])
    return _check(f"state.{key}", pattern, values[-1], None if held else Reason.STATE_MISMATCH)


def _calls(steps: Sequence[Step]) -> Calls:
    status = {call: steps[place].status for place, call in calls_by_result(steps).items()}
    return [
        (step, status.get(place, "ok"))
        for place, step in enumerate(steps)
        if isinstance(step, ToolCall)
    ]


def _check(id_: str, expected: Any, actual: Any, code: Any, message: str = "") -> Check:
    return Check(id_, "fail" if code else "pass", expected, actual, code or None, message)
