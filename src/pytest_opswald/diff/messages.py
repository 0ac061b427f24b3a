"""Whether the final message is as expected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_opswald.trace.grades import Grades
from pytest_opswald.trace.message_rule import MessageRule, NumberFact
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .difference import Check, CheckVerdict
from .facts import facts, missing_facts, numbers
from .grounding import Ground
from .judge import judge_check
from .read_by_programs import disagreement
from .schemas import message_schema_check
from .similarity import similar_check
from .wording import folded

ENOUGH = 1 / 3
"""More than this share of a recorded message's facts must be stated again: models differ in what
they find worth saying."""


def message_checks(
    rule: MessageRule, recorded: str | None, actual: str | None, grades: Grades | None = None
) -> Iterator[Check]:
    """One check per key that the rule gives; `grades` are those of the message, where it has any."""
    said = folded(actual or "")
    for text in _listed(rule.contains):
        yield _check("contains", text, actual, folded(text) in said)
    for text in _listed(rule.not_contains):
        yield _check("not_contains", text, actual, folded(text) not in said)
    for text in _listed(rule.icontains):
        yield _check("icontains", text, actual, folded(text).casefold() in said.casefold())
    if rule.equals is not None:
        yield _check("equals", rule.equals, actual, _is(rule.equals, actual))
    if rule.one_of is not None:
        yield _check("one_of", rule.one_of, actual, any(_is(text, actual) for text in rule.one_of))
    if rule.regex is not None:
        yield _check("regex", rule.regex, actual, re.search(rule.regex, said) is not None)
    if rule.facts is not None:
        yield _facts_asked(rule, recorded, actual)
    if rule.similar is not None:
        yield similar_check(rule.similar, recorded, actual)
    if rule.judge is not None:
        yield judge_check(rule.judge, recorded, actual, grades)
    if rule.json_schema is not None:
        yield message_schema_check(rule.json_schema, actual)


def text_check(expected: str | None, actual: str | None) -> Check:
    """The whole message, literally."""
    held = actual is None if expected is None else _is(expected, actual)
    return Check("final_message", "pass" if held else "fail", expected, actual, _code(held))


def facts_check(recorded: str, run: Trace, ground: Ground, *, gates: bool) -> Check:
    """What the recorded message states; its wording is free, for an LLM that ran live.

    Facts of the prompt are left out: repeating a question answers nothing. So are names that no
    tool told, and those of the tools. What an earlier answer told need not be told again. What the
    terser side states must in good part be common to both: a verbose one adds, a terse one leaves
    out. JSON and single words, which programs read, must say the same. Without `gates` all of that
    is shown only.
    """
    actual, told_in_all = run.final_message, "\n\n".join(run.answers)
    if _is(recorded, actual):
        return Check("final_message", "pass", recorded, actual)
    if not (actual or "").strip() and recorded.strip():
        code, told = Reason.OUTPUT_MISMATCH, "there is no final message"
        return Check("final_message", "fail", recorded, actual, code, told)
    if (unlike := disagreement(recorded, actual or "")) is not None:
        return _read_by_programs(recorded, actual, unlike, gates=gates)
    expected, stated = new_facts(recorded, ground), new_facts(told_in_all, ground)
    if not expected:
        told = "worded differently, and the recorded message states no facts to look for"
        return Check("final_message", "unmeasured", recorded, actual, message=told)
    missing = missing_facts(recorded, told_in_all, among=expected)
    told = f"does not state {', '.join(missing)}" if missing else "states the same facts"
    common = len(expected) - len(missing)
    if gates and common <= ENOUGH * min(len(expected), len(stated)):
        code = Reason.OUTPUT_MISMATCH
        return Check("final_message", "fail", recorded, actual, code, told)
    told = f"worded differently, {told}"
    return Check("final_message", "advisory", recorded, actual, message=told)


def _read_by_programs(recorded: str, actual: str | None, unlike: str, *, gates: bool) -> Check:
    if unlike and gates:
        return Check("final_message", "fail", recorded, actual, Reason.OUTPUT_MISMATCH, unlike)
    told = unlike or "worded differently, says the same"
    return Check("final_message", "advisory", recorded, actual, message=told)


def new_facts(text: str, ground: Ground) -> dict[str, str]:
    """The facts of a message that answer something."""
    return {
        form: written
        for form, written in facts(text).items()
        if form.partition(" ")[2] not in ground.tools
        and not ground.said.states({form})
        and not ground.said.holds(written)
        and (form.partition(" ")[0] not in _TOLD or not ground.seen or ground.seen.holds(written))
    }


_TOLD = {"name", "code"}
"""Kinds of facts that an agent cannot compute: it has them from a tool, or made them up."""


def _facts_asked(rule: MessageRule, recorded: str | None, actual: str | None) -> Check:
    """The facts that a rule asks for, in whatever form the message writes them."""
    wanted = _wanted(rule, recorded)
    if not wanted:
        told = "the recorded message states no facts to look for"
        return Check("final_message.facts", "unmeasured", rule.facts, actual, message=told)
    missing = [str(fact) for fact in wanted if not _states(actual or "", fact)]
    usual = ENOUGH if rule.facts == "auto" else 1.0
    least = usual if rule.min_facts is None else rule.min_facts
    held = actual is not None and len(wanted) - len(missing) >= least * len(wanted)
    told = f"does not state {', '.join(missing)}" if missing else ""
    verdict: CheckVerdict = "pass" if held else "fail"
    shown = list(map(str, wanted))
    return Check("final_message.facts", verdict, shown, actual, _code(held), told)


def _wanted(rule: MessageRule, recorded: str | None) -> Sequence[str | NumberFact]:
    if isinstance(rule.facts, tuple):
        return rule.facts
    return list(facts(recorded or "").values())


def _states(message: str, fact: str | NumberFact) -> bool:
    if isinstance(fact, NumberFact):
        return any(abs(number - fact.number) <= fact.tol for number in numbers(message))
    if facts(fact):
        return not missing_facts(fact, message)
    return folded(fact).casefold() in folded(message).casefold()


def _is(expected: str, actual: str | None) -> bool:
    return actual is not None and folded(expected) == folded(actual)


def _listed(texts: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts or ()


def _check(key: str, expected: object, actual: str | None, held: bool) -> Check:
    held = held and actual is not None
    return Check(f"final_message.{key}", "pass" if held else "fail", expected, actual, _code(held))


def _code(held: bool) -> Reason | None:
    return None if held else Reason.OUTPUT_MISMATCH
