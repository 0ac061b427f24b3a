"""Whether the final message is as expected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pytest_opswald.trace.grades import Grades
from pytest_opswald.trace.message_rule import MessageRule, NumberFact
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .difference import Check, CheckVerdict
from .facts import facts, missing_facts, names, numbers, untold
from .grounding import Ground
from .judge import judge_check
from .read_by_programs import as_prose, disagreement
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


def facts_check(recorded: str, run: Trace, ground: Ground, did: str) -> Check:
    """What the recorded message states; its wording is free, for an LLM that ran live.

    JSON and single words, which programs read, must say the same; anything else is held to its
    facts. All of that is shown only where the recorded run did something, told by `did`: then
    effects are what counts, and silence is red when there was more to tell than those.
    """
    actual, gates = run.final_message, not did
    if _is(recorded, actual):
        return Check("final_message", "pass", recorded, actual)
    if not (actual or "").strip() and recorded.strip():
        gates = gates or bool(untold(new_facts(as_prose(recorded), ground), did))
        return _unlike(recorded, actual, "there is no final message", gates=gates)
    unlike = disagreement(recorded, actual or "")
    if unlike is None:
        return _held_to_facts(recorded, run, ground, gates=gates)
    if unlike:
        return _unlike(recorded, actual, unlike, gates=gates)
    return _unlike(recorded, actual, "worded differently, says the same", gates=False)


def _held_to_facts(recorded: str, run: Trace, ground: Ground, *, gates: bool) -> Check:
    """Facts of the prompt are left out: repeating a question answers nothing. So are names that no
    tool told, and those of the tools. What an earlier answer told need not be told again. What the
    terser side states must in good part be common to both: a verbose one adds, a terse one leaves
    out. Names that tools told may make up for figures, not the other way round, unless each states
    a single number, and another one.
    """
    actual, answer = run.final_message, as_prose(recorded)
    said = "\n\n".join(map(as_prose, run.answers))
    figures = new_facts(answer, ground), new_facts(said, ground)
    # Figures are told first, and in their own writing where a name is one of them.
    expected = figures[0] | told_names(answer, ground) | figures[0]
    if not expected:
        told = "worded differently, and the recorded message states no facts to look for"
        return Check("final_message", "unmeasured", recorded, actual, message=told)
    missing = untold(expected, said)
    told = f"does not state {', '.join(missing)}" if missing else "states the same facts"
    stated = told_names(said, ground) | figures[1]
    shared = _share(*figures, missing) or _share(expected, stated, missing)
    if shared and not _tell_other_numbers(*figures, missing):
        gates = False
    return _unlike(recorded, actual, told if gates else f"worded differently, {told}", gates=gates)


def _unlike(recorded: str, actual: str | None, told: str, *, gates: bool) -> Check:
    if gates:
        return Check("final_message", "fail", recorded, actual, Reason.OUTPUT_MISMATCH, told)
    return Check("final_message", "advisory", recorded, actual, message=told)


def _share(expected: Mapping[str, str], stated: Mapping[str, str], missing: Sequence[str]) -> bool:
    """Whether enough of what the terser side states is common to both."""
    common = sum(written not in missing for written in expected.values())
    return common > ENOUGH * min(len(expected), len(stated))


def _tell_other_numbers(
    expected: Mapping[str, str], stated: Mapping[str, str], missing: Sequence[str]
) -> bool:
    """Whether both state a single number, and not the same."""
    mine, its = (
        [written for form, written in found.items() if form.startswith("number ")]
        for found in (expected, stated)
    )
    return len(mine) == len(its) == 1 and mine[0] in missing


def new_facts(text: str, ground: Ground) -> dict[str, str]:
    """The facts of a message that answer something."""
    return _new(facts(text), ground)


def told_names(text: str, ground: Ground) -> dict[str, str]:
    """The names in a message that a tool told, and not the user."""
    return {} if not ground.seen else _new(names(text), ground)


def _new(found: Mapping[str, str], ground: Ground) -> dict[str, str]:
    return {
        form: written
        for form, written in found.items()
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
