"""Grades of a final message against what is enough."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Check
from pytest_opswald.diff.judge import is_gradable, judge_of
from pytest_opswald.trace.grades import Grade, Grades
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace
from tests.diff.traces import check, golden, response, trace, user

ASKED = user("Refund order 42.")
RECORDED = trace(ASKED, response("Order 42 is refunded."))
NEW = trace(ASKED, response("Done, have a nice day!"))
RULE = {"rubric": "Names the order.", "model": "openai:gpt-5.2-mini"}


def judged(run: Trace, grades: Grades | None, **rule: Any) -> Check:
    outcome = {"final_message": {"judge": {**RULE, **rule}}}
    found = compare(golden(RECORDED, **outcome), run, profile="contract", grades=grades)
    return check(found, "final_message.judge")


def given(*scores: float) -> Grades:
    return Grades(tuple(Grade(score, f"because of {score}") for score in scores))


@pytest.mark.parametrize(
    ("scores", "gate", "verdict", "code"),
    [
        ((0.9, 0.2, 0.7), False, "pass", None),
        ((0.9, 0.2, 0.6), False, "advisory", None),
        ((0.9, 0.2, 0.6), True, "fail", Reason.OUTPUT_MISMATCH),
        ((0.9, 0.2, 0.7), True, "pass", None),
    ],
    ids=["enough", "shown", "gates", "enough where it gates"],
)
def test_the_median_must_be_enough(
    scores: tuple[float, ...], gate: bool, verdict: str, code: Reason | None
) -> None:
    """Of three samples the middle one decides, and gives its reason; only a gate makes red."""
    found = judged(NEW, given(*scores), gate=gate)

    assert (found.verdict, found.code) == (verdict, code)
    assert (found.expected, found.actual) == (0.7, sorted(scores)[1])
    assert found.message == f"because of {sorted(scores)[1]}"


def test_of_an_even_number_the_mean_of_the_middle_two_counts() -> None:
    """The reason is that of the lower of them."""
    found = judged(NEW, given(0.9, 0.6, 0.7, 0.1), min=0.65)

    assert (found.verdict, found.actual) == ("pass", 0.65)
    assert found.message == "because of 0.6"


@pytest.mark.parametrize("gate", [False, True])
def test_what_came_in_the_way_leaves_it_unmeasured(gate: bool) -> None:
    """Never a pass, whatever the samples before said; where it gates, nobody mistakes the cause."""
    grades = Grades(given(1.0, 1.0).given, problem="openai:gpt-5.2-mini: rate limit")

    found = judged(NEW, grades, gate=gate)

    assert (found.verdict, found.actual) == ("unmeasured", None)
    assert found.message == "not graded: openai:gpt-5.2-mini: rate limit"
    assert found.code == (Reason.INFRA if gate else None)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (RECORDED, "no LLM was asked: the golden's own message"),
        (
            NEW,
            "no LLM was asked: only new messages of changed replays are graded, and where the test passes",
        ),
    ],
    ids=["same message", "nobody to ask"],
)
def test_without_grades_the_check_says_why(run: Trace, told: str) -> None:
    """And is no pass."""
    found = judged(run, None, gate=True)

    assert (found.verdict, found.message) == ("unmeasured", told)


def test_no_message_needs_no_grade() -> None:
    """It misses every rubric."""
    assert judged(trace(ASKED), None).verdict == "advisory"
    assert judged(trace(ASKED), None, gate=True).verdict == "fail"


def test_only_a_message_that_nobody_has_accepted_is_graded() -> None:
    """Those of the golden and its variants are, up to white space, and none is none."""
    own = golden(RECORDED).model_copy(update={"variants": (NEW,)})
    other = trace(ASKED, response("Something else."))
    spaced = trace(ASKED, response("Order 42  is refunded.\n"))

    assert [is_gradable(own, run) for run in (RECORDED, spaced, NEW, trace(ASKED), other)] == [
        *[False] * 4,
        True,
    ]
    assert judge_of(own) is None


def test_nobodys_grade_is_no_number() -> None:
    """It is neither enough nor too little."""
    assert math.isnan(Grades().score)
    assert Grades().reason == ""
