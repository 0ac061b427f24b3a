"""Expected outcomes as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import ExpectedOutcome, InvalidOutcome, parse_outcome

FORMS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "bare texts": {"status": "completed", "final_message": "Refunded.", "steps": "strict"},
    "several statuses": {"status": ["completed", "error"]},
    "one text to contain": {"final_message": {"contains": "HAT136"}},
    "several texts to contain": {"final_message": {"contains": ["HAT136", "42"], "regex": "^R"}},
    "null output": {"output": None},
    "literal output": {"output": {"total": 19.9, "items": [1, {"a": None}]}},
    "matched output": {"output": {"match": {"match": 1}}},
    "described output": {"output": {"json_schema": {"$defs": {"a": {"$ref": "#/b"}}}}},
    "schema in a file": {"final_message": {"json_schema": "./said.json"}},
    "facts": {"final_message": {"facts": ["HAT136", {"number": 255, "tol": 0.01}]}},
    "similar": {"final_message": {"similar": {"to": "golden", "min": 0.8, "by": "token_set"}}},
    "judge": {
        "final_message": {
            "judge": {"rubric": "Kind.", "model": "openai:gpt-5.2", "samples": 5, "gate": True}
        }
    },
    "trials": {"trials": {"n": 5, "need": 4}},
    "steps rule": {"steps": {"mode": "in_order", "include": ["tool_call"], "ignore": ["*.query"]}},
    "budgets": {"budgets": {"cost_usd": 0.05, "tokens": {"max": 900, "rel": 1.25}, "steps": 8}},
}


@pytest.mark.parametrize("written", FORMS.values(), ids=FORMS)
def test_is_written_back_in_the_form_it_was_read(written: dict[str, Any]) -> None:
    """Bare texts stay bare, lists stay lists, what was left out stays out."""
    outcome = parse_outcome(written)

    assert outcome.model_dump(mode="json") == written


def test_is_written_back_inside_its_golden() -> None:
    """The document around it does not fill in what the user left out."""
    golden = Golden(name="a", test="b", expected_outcome=ExpectedOutcome(status="completed"))

    assert golden.model_dump(mode="json")["expected_outcome"] == {"status": "completed"}


MISTAKES: dict[str, tuple[Any, str]] = {
    "typo": ({"final_mesage": "x"}, ".final_mesage: unknown key, did you mean final_message?"),
    "typo inside": (
        {"final_message": {"contians": "x"}},
        ".final_message.contians: unknown key, did you mean contains?",
    ),
    "typo in a budget": (
        {"budgets": {"tokens": {"mx": 1}}},
        ".budgets.tokens.mx: unknown key, did you mean max?",
    ),
    "foreign key": (
        {"colour": 1},
        ".colour: unknown key; known are profile, status, final_message, output, steps, tools,"
        " effects, handoffs, guardrails, state, invariants, budgets or trials",
    ),
    "schema": (
        {"output": {"json_schema": "refund"}},
        ".output: must be a JSON Schema or the path of a .json file, not 'refund'",
    ),
    "trials that never pass": (
        {"trials": {"n": 5, "need": 6}},
        ".trials: 6 of 5 trials can never pass",
    ),
    "fact": (
        {"final_message": {"facts": [{"number": 3, "tol": 1, "unit": "EUR"}]}},
        ".final_message.facts[0].unit: unknown key; known are number or tol",
    ),
    "regex": (
        {"final_message": {"regex": "(a"}},
        ".final_message.regex: not a regular expression:"
        " missing ), unterminated subpattern at position 0",
    ),
    "mode": ({"steps": "exakt"}, ".steps: unknown mode 'exakt', did you mean exact?"),
    "number": ({"budgets": {"tokens": True}}, ".budgets.tokens: must be a number, not True"),
    "negative": (
        {"budgets": {"tokens": -1}},
        ".budgets.tokens: must be a finite number from 0, not -1",
    ),
    "type": ({"status": 3}, ".status: must be a text, not 3"),
    "list": (
        [],
        ": must be an object with profile, status, final_message, output, steps, tools, effects,"
        " handoffs, guardrails, state, invariants, budgets or trials, not []",
    ),
    "item of a list": (
        {"final_message": {"one_of": [1]}},
        ".final_message.one_of[0]: must be a text, not 1",
    ),
    "empty text": (
        {"final_message": {"contains": ""}},
        ".final_message.contains: must not be empty: it would hold for every run",
    ),
    "a share of nothing": (
        {"final_message": {"min_facts": 0.5}},
        ".final_message: min_facts is a share of facts: name them, or say facts: auto",
    ),
    "empty rule": (
        {"final_message": {}},
        ".final_message: says nothing; give it one of"
        " equals, contains, not_contains, icontains, regex, one_of, facts, min_facts, similar,"
        " judge, json_schema",
    ),
    "judge without a provider": (
        {"final_message": {"judge": {"rubric": "Kind.", "model": "gpt-5.2"}}},
        ".final_message.judge.model: name the provider of 'gpt-5.2', too: openai:...,"
        " openai-responses:... or anthropic:...",
    ),
    "misspelt key of a judge": (
        {"final_message": {"judge": {"rubric": "Kind.", "model": "openai:o", "sample": 5}}},
        ".final_message.judge.sample: unknown key, did you mean samples?",
    ),
    "judge that anything passes": (
        {"final_message": {"judge": {"rubric": "Kind.", "model": "openai:gpt-5.2", "min": 0}}},
        ".final_message.judge.min: Input should be greater than 0",
    ),
}


@pytest.mark.parametrize(("written", "said"), MISTAKES.values(), ids=MISTAKES)
def test_says_what_is_wrong_and_where(written: Any, said: str) -> None:
    """A mistake is named with its path, in the user's words, never by class names."""
    with pytest.raises(InvalidOutcome) as caught:
        parse_outcome(written)

    assert str(caught.value) == f"expected_outcome{said}"


def test_lists_all_problems_with_their_paths() -> None:
    """Two mistakes are told at once; each path leads to its key, for whoever knows the file."""
    with pytest.raises(ValueError, match="contians") as caught:
        parse_outcome({"steps": "no", "final_message": {"contians": "x"}})

    assert isinstance(caught.value, InvalidOutcome)
    assert [path for path, _ in caught.value.problems] == [
        ("final_message", "contians"),
        ("steps",),
    ]


@pytest.mark.parametrize(
    ("written", "meaning"),
    [("strict", "exact"), ("EXACT", "exact"), ("unordered", "any_order"), ("IN_ORDER", "in_order")],
)
def test_steps_modes_go_by_the_names_users_know(written: str, meaning: str) -> None:
    """Names from other tools mean the same here."""
    rule = parse_outcome({"steps": written}).steps_rule

    assert rule
    assert rule.meaning == meaning
