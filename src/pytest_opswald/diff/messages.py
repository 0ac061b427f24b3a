"""Whether the final message is as expected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_opswald.trace.outcome import MessageRule
from pytest_opswald.trace.reasons import Reason

from .difference import Check
from .facts import facts, missing_facts
from .wording import folded


def message_checks(rule: MessageRule, actual: str | None) -> Iterator[Check]:
    """One check per key that the rule gives."""
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


def text_check(expected: str | None, actual: str | None) -> Check:
    """The whole message, literally."""
    held = actual is None if expected is None else _is(expected, actual)
    return Check("final_message", "pass" if held else "fail", expected, actual, _code(held))


def facts_check(recorded: str, actual: str | None) -> Check:
    """What the recorded message states; its wording is free, for an LLM that ran live."""
    if _is(recorded, actual):
        return Check("final_message", "pass", recorded, actual)
    missing = missing_facts(recorded, actual or "")
    if actual is None or missing:
        told = f"does not state {', '.join(missing)}" if missing else "there is no final message"
        return Check("final_message", "fail", recorded, actual, Reason.OUTPUT_MISMATCH, told)
    if not facts(recorded):
        told = "worded differently, and the recorded message states no facts to look for"
        return Check("final_message", "unmeasured", recorded, actual, message=told)
    told = "worded differently, states the same facts"
    return Check("final_message", "advisory", recorded, actual, message=told)


def _is(expected: str, actual: str | None) -> bool:
    return actual is not None and folded(expected) == folded(actual)


def _listed(texts: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts or ()


def _check(key: str, expected: object, actual: str | None, held: bool) -> Check:
    held = held and actual is not None
    return Check(f"final_message.{key}", "pass" if held else "fail", expected, actual, _code(held))


def _code(held: bool) -> Reason | None:
    return None if held else Reason.OUTPUT_MISMATCH
