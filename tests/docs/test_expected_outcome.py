"""The page on expected outcomes tells what can be written, and nothing else."""

from __future__ import annotations

import json
import re

from pytest_opswald.trace.matcher_problems import problems
from pytest_opswald.trace.matchers import WORDS
from pytest_opswald.trace.message_rule import MessageRule
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome
from tests.docs.project import ROOT

PAGE = (ROOT / "docs" / "expected-outcome.md").read_text(encoding="utf-8")


def test_the_example_has_every_key() -> None:
    """And makes sense."""
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    outcome = parse_outcome(json.loads(example))

    assert outcome.model_fields_set == set(ExpectedOutcome.model_fields)


def test_every_key_rule_and_matcher_is_named() -> None:
    """In the first column of its table."""
    keys, rules, matchers = (
        set(re.findall(r"`([^`]+)`", "".join(re.findall(r"^\|([^|]+)\|", part, re.MULTILINE))))
        for part in re.split("^## ", PAGE, flags=re.MULTILINE)
    )

    assert keys == set(ExpectedOutcome.model_fields)
    assert {rule for rule in rules if not rule.startswith("{")} == set(MessageRule.model_fields)
    assert {word for text in matchers for word in json.loads(text)} == {*WORDS, "tol"}
    assert [problem for text in matchers for problem in problems(json.loads(text))] == []
