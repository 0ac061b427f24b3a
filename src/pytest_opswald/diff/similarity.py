"""How alike two texts are: the same whenever it is asked, without a model."""

from __future__ import annotations

import re

from pytest_opswald.trace.message_rule import Similar
from pytest_opswald.trace.reasons import Reason

from .difference import Check
from .wording import folded


def token_set(one: str, other: str) -> float:
    """Words in common, whatever their order and number, as a share of the words of both; 0 to 1."""
    mine, theirs = _words(one), _words(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine or theirs else 1.0


def similar_check(rule: Similar, recorded: str | None, actual: str | None) -> Check:
    """A message against the golden's."""
    name, told = "final_message.similar", "of the words are in both messages"
    if recorded is None:
        return Check(name, "unmeasured", rule.min, message="the golden has no final message")
    found = round(token_set(recorded, actual or ""), 2)
    if actual is not None and found >= rule.min:
        return Check(name, "pass", rule.min, found, message=told)
    return Check(name, "fail", rule.min, found, Reason.OUTPUT_MISMATCH, told)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", folded(text).casefold()))
