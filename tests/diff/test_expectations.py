"""The expected outcome, judged."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.diff.facts import facts, missing_facts
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Error, StepError, Tokens
from tests.diff.traces import check, difference, llm, response, trace, use, user

SAID = "Flight HAT136 is booked,  €1,250.50 on 2026-03-05."
RECORDED = trace(response(SAID))


def said(text: str, **more: Any) -> Any:
    return trace(response(text, **more))


RULES: dict[str, tuple[Any, bool]] = {
    "bare text": (SAID, True),
    "white space is one": ("Flight HAT136 is booked, €1,250.50 on 2026-03-05.", True),
    "other text": ("Something else", False),
    "contains": ({"contains": "HAT136"}, True),
    "contains all": ({"contains": ["HAT136", "HAT137"]}, False),
    "compatible characters": ({"contains": "\uff28\uff21\uff34136"}, True),
    "case counts": ({"contains": "hat136"}, False),
    "icontains": ({"icontains": ["hat136", "BOOKED"]}, True),
    "not contains": ({"not_contains": "sorry"}, True),
    "not contains any": ({"not_contains": ["sorry", "booked"]}, False),
    "regex": ({"regex": r"HAT\d+"}, True),
    "regex not found": ({"regex": r"^HAT"}, False),
    "one of": ({"one_of": ["no", SAID]}, True),
    "none of": ({"one_of": ["no", "yes"]}, False),
    "facts": ({"facts": ["HAT136", "5 March", {"number": 1250, "tol": 1}]}, True),
    "facts otherwise": ({"facts": ["HAT136", {"number": 1250, "tol": 0.1}]}, False),
    "enough of the facts": ({"facts": ["HAT136", "HAT137"], "min_facts": 0.5}, True),
    "all must hold": ({"contains": "HAT136", "regex": "nope"}, False),
}


@pytest.mark.parametrize("profile", ["exact", "contract"])
@pytest.mark.parametrize(("rule", "held"), RULES.values(), ids=RULES)
def test_final_message_rules(rule: Any, held: bool, profile: str) -> None:
    """Explicit rules hold literally in both profiles."""
    found = difference(RECORDED, RECORDED, profile, final_message=rule)

    assert bool(found.failed_checks) is not held
    assert held or found.reason_codes == (Reason.OUTPUT_MISMATCH,)


def test_each_rule_is_a_check_of_its_own() -> None:
    """The report can say which one failed."""
    rule = {"contains": ["HAT136", "gold"], "regex": "booked"}

    found = difference(RECORDED, RECORDED, final_message=rule)

    assert [(c.id, c.verdict) for c in found.checks if c.id.startswith("final_message")] == [
        ("final_message.contains", "pass"),
        ("final_message.contains", "fail"),
        ("final_message.regex", "pass"),
    ]


def test_no_message_satisfies_no_rule() -> None:
    """Not even that it must not contain something."""
    silent = trace(llm("hi"))

    found = difference(RECORDED, silent, "contract", final_message={"not_contains": "sorry"})

    assert check(found, "final_message.not_contains").verdict == "fail"


FACTS = {
    "worded otherwise": ("Booked! HAT136, March 5th, 2026, for 1250.5 euros.", "advisory"),
    "the same": (SAID, "pass"),
    "one fact of three otherwise": ("Booked HAT136 on 2026-03-06 for €1,250.50.", "advisory"),
    "its only number otherwise": ("Booked HAT136 on 2026-03-05 for €1,350.50.", "fail"),
    "its only number left out": ("Booked HAT136 on 2026-03-05.", "advisory"),
    "terse": ("Booked: €1,250.50.", "advisory"),
    "verbose": ("HAT136 leaves 2026-03-05 at 10:30 from gate 7, seat 12; €1,250.50.", "advisory"),
    "most facts otherwise": ("Flight HAT137 is booked, €1,350.50 on 2026-03-05.", "fail"),
    "none of the facts": ("Something was booked.", "fail"),
    "silence": ("", "fail"),
}


@pytest.mark.parametrize("expected", [{}, {"final_message": SAID}], ids=["unset", "as recorded"])
@pytest.mark.parametrize(("text", "verdict"), FACTS.values(), ids=FACTS)
def test_a_live_model_is_held_to_the_facts(text: str, verdict: str, expected: Any) -> None:
    """The recorded message is judged by what it states, not by its wording."""
    found = difference(RECORDED, said(text), "contract", **expected)

    assert check(found, "final_message").verdict == verdict


READ_BY_PROGRAMS = {
    "another label": ("billing", "sales", "does not say billing"),
    "the same label": ("billing", "**Billing**.", "worded differently, says the same"),
    "a label in a sentence": ("Yes.", "Yes, it is.", "worded differently, says the same"),
    "yes for no": ("no", "Yes.", "does not say no"),
    "another value": ('{"team": "billing"}', '{"team": "sales"}', 'team is "sales", not "billing"'),
    "another flag": ('{"urgent": true}', '{"urgent": false}', "urgent is false, not true"),
    "deeper": ('{"a": [{"n": 1}]}', '{"a": [{"n": 2}]}', "a[0].n is 2, not 1"),
    "something missing": ('{"n": 1, "team": "x"}', '{"n": 1}', 'team is null, not "x"'),
    "a list": ('["a", "b"]', '["a"]', 'it is ["a"], not ["a", "b"]'),
    "prose": ('{"team": "billing"}', "The billing team.", "is no JSON"),
    "free text within": (
        '{"team": "billing", "why": "It is about money."}',
        '```json\n{"why": "They paid twice.", "team": "billing", "sure": 0.9}\n```',
        "worded differently, says the same",
    ),
}


@pytest.mark.parametrize(
    ("recorded", "actual", "told"), READ_BY_PROGRAMS.values(), ids=READ_BY_PROGRAMS
)
def test_what_programs_read_must_say_the_same(recorded: str, actual: str, told: str) -> None:
    """Labels and JSON state no facts, and are no wording: another label is another answer."""
    found = check(difference(said(recorded), said(actual), "contract"), "final_message")

    assert found.message == told
    assert (found.verdict == "advisory") == told.startswith("worded")


def test_prose_in_an_envelope_is_prose() -> None:
    """JSON of nothing but free text is read by people."""
    enveloped = said('{"message": "Flight HAT136 is booked."}')

    found = difference(enveloped, said("I booked HAT136 for you."), "contract")

    assert check(found, "final_message").message == "worded differently, states the same facts"


def test_scripts_without_spaces_have_no_single_words() -> None:
    """A sentence of theirs looks like one."""
    found = difference(said("已经退款"), said("钱已退回"), "contract")

    assert check(found, "final_message").verdict == "unmeasured"


def test_missing_facts_are_named() -> None:
    """The message says which, as the golden wrote them."""
    found = difference(RECORDED, said("Booked, 3 seats on 2026-03-06."), "contract")

    assert check(found, "final_message").message == "does not state HAT136, 1,250.50, 2026-03-05"


def test_what_an_earlier_answer_told_need_not_be_told_again() -> None:
    """A conversation may end in a farewell."""
    told = (user("Book it."), llm("Book it.", answer=SAID), user("Thanks!"))
    run = trace(
        *told, llm("Thanks!", answer="Have a good flight!"), response("Have a good flight!")
    )

    found = difference(RECORDED, run, "contract")

    assert check(found, "final_message").verdict == "advisory"


@pytest.mark.parametrize(
    ("recorded", "verdict"),
    [("Ann is invited for 2026-03-05.", "advisory"), ("Ann is invited: HAT136.", "fail")],
)
def test_silence_after_acting_is_red_when_there_was_more_to_tell(
    recorded: str, verdict: str
) -> None:
    """A message that only says what was done is not missed by those for whom it was done."""
    did = (user("Invite Ann."), use("invite", {"ok": "HAT136"}, who="Ann", day="2026-03-05"))

    found = difference(trace(*did, response(recorded)), trace(*did, response("")), "contract")

    assert check(found, "final_message").verdict == verdict
    assert check(found, "final_message").message == "there is no final message"


def test_what_an_agent_thinks_before_a_tool_call_is_told_to_nobody() -> None:
    """Only what stands before the next word of the user is an answer."""
    run = trace(
        user("Book it."),
        llm("Book it.", answer=SAID),
        use("get_weather"),
        llm("Book it.", answer="Well?"),
        user("Well what?"),
        response("Done."),
    )

    found = difference(RECORDED, run, "contract")

    assert check(found, "final_message").verdict == "fail"


HOTELS = use("find_hotels", "Good Night: 5.0, City Hub: 4.3")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("**Good Night** is the best.", "advisory"), ("City Hub is the best one.", "fail")],
)
def test_a_name_that_a_tool_told_is_a_fact(text: str, verdict: str) -> None:
    """However it is set; another one is another answer."""
    recorded = trace(user("Which one?"), HOTELS, response("I recommend Good Night."))

    found = difference(recorded, trace(user("Which one?"), HOTELS, response(text)), "contract")

    assert check(found, "final_message").verdict == verdict


def test_without_facts_wording_cannot_be_judged() -> None:
    """That is unmeasured, not a pass."""
    found = difference(said("All done."), said("Finished!"), "contract")

    assert check(found, "final_message").verdict == "unmeasured"


def test_an_edited_message_is_literal_for_a_live_model_too() -> None:
    """A text that someone changed by hand is meant as it stands."""
    found = difference(RECORDED, RECORDED, "contract", final_message="Flight HAT136 booked")

    assert check(found, "final_message").verdict == "fail"


def test_what_is_not_expected_must_be_as_recorded() -> None:
    """An unmodified replay keeps its status, message and structured output."""
    failed = trace(Error(status="error", error=StepError(type="agent_error", message="boom")))

    found = difference(said("ok", structured={"a": 1}), failed)

    assert {c.id: c.code for c in found.failed_checks if c.id != "steps"} == {
        "status": Reason.STATUS_CHANGED,
        "final_message": Reason.OUTPUT_MISMATCH,
        "output": Reason.OUTPUT_MISMATCH,
    }


@pytest.mark.parametrize(
    ("expected", "held"),
    [("completed", True), (["error", "completed"], True), ("error", False)],
)
def test_status_may_be_one_of_several(expected: Any, held: bool) -> None:
    """One name or a list."""
    found = difference(RECORDED, RECORDED, status=expected)

    assert (check(found, "status").verdict == "pass") is held


@pytest.mark.parametrize(
    ("expected", "held"),
    [
        ({"total": 3, "items": [1]}, True),
        ({"match": {"total": 3, "items": [1]}}, True),
        ({"total": 4, "items": [1]}, False),
        (None, False),
    ],
    ids=["literal", "match", "other", "null"],
)
def test_structured_output_is_literal(expected: Any, held: bool) -> None:
    """Equal as JSON; null is an expectation too."""
    run = said("ok", structured={"total": 3, "items": [1]})

    found = difference(run, run, "contract", output=expected)

    assert (check(found, "output").verdict == "pass") is held


def test_structured_output_names_the_leaves_that_differ() -> None:
    """The message points into the tree."""
    found = difference(
        said("ok", structured={"a": {"b": 1}}), said("ok", structured={"a": {"b": 2}})
    )

    assert check(found, "output").message == "output.a.b"


SIMILAR: dict[str, tuple[str, str]] = {
    "other order": ("On 2026-03-05, €1,250.50, is booked: flight HAT136!", "pass"),
    "a word more": ("Flight HAT136 is now booked, €1,250.50 on 2026-03-05.", "pass"),
    "something else": ("There is no such flight.", "fail"),
}


@pytest.mark.parametrize(("text", "verdict"), SIMILAR.values(), ids=SIMILAR)
def test_a_message_may_have_to_be_similar(text: str, verdict: str) -> None:
    """By the words that both have, the same for every run."""
    found = difference(RECORDED, said(text), final_message={"similar": {"min": 0.9}})

    assert check(found, "final_message.similar").verdict == verdict


SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
SHAPES: dict[str, tuple[str, Any, str, str]] = {
    "as described": ('{"total": 1}', {"total": 1}, "pass", "is as described"),
    "in a fence": ('```json\n{"total": 1}\n```', {"total": 1, "x": 2}, "pass", "is as described"),
    "otherwise": ('{"total": "1"}', {"total": "1"}, "fail", "total: '1' is not of type 'number'"),
    "no JSON": ("one", None, "fail", ""),
}


@pytest.mark.parametrize(("text", "output", "verdict", "told"), SHAPES.values(), ids=SHAPES)
def test_message_and_output_may_have_a_schema(
    text: str, output: Any, verdict: str, told: str
) -> None:
    """Whatever their values; what breaks it is named."""
    pytest.importorskip("jsonschema")
    run = said(text, structured=output)
    rules = {"final_message": {"json_schema": SCHEMA}, "output": {"json_schema": SCHEMA}}

    found = difference(run, run, **rules)

    for name in ("final_message.json_schema", "output.json_schema"):
        judged = check(found, name)
        assert judged.verdict == verdict
        assert judged.code == (Reason.SCHEMA_INVALID if verdict == "fail" else None)
        assert not told or judged.message == told
    assert "output" not in {each.id for each in found.checks}


def test_a_schema_in_a_file_that_nobody_read_is_unmeasured() -> None:
    """Never a silent pass."""
    found = difference(RECORDED, RECORDED, output={"json_schema": "refund.json", "match": None})

    assert check(found, "output.json_schema").verdict == "unmeasured"
    assert check(found, "output").verdict == "pass"


def used(tokens: int | None, cost: float | None) -> Any:
    counted = None if tokens is None else Tokens(input=tokens)
    return trace(llm("hi", answer="ok", tokens=counted, cost=cost), response("ok"))


BUDGETS: dict[str, tuple[Any, Any, Any, str]] = {
    "within": ({"tokens": 100}, used(100, 0.1), used(100, 0.1), "pass"),
    "over": ({"tokens": 99}, used(100, 0.1), used(100, 0.1), "fail"),
    "relative within": ({"tokens": {"rel": 1.5}}, used(100, 0.1), used(150, 0.1), "pass"),
    "relative over": ({"tokens": {"rel": 1.5}}, used(100, 0.1), used(151, 0.1), "fail"),
    "both, one over": ({"tokens": {"max": 120, "rel": 2}}, used(100, 0), used(150, 0), "fail"),
    "unknown price": ({"cost_usd": 1}, used(1, 0.1), used(1, None), "unmeasured"),
    "unknown recorded price": (
        {"cost_usd": {"rel": 1.2}},
        used(1, None),
        used(1, 0.1),
        "unmeasured",
    ),
    "unknown tokens": ({"tokens": 1}, used(1, 0), used(None, 0), "unmeasured"),
    "calls": ({"llm_calls": 0}, used(1, 0), used(1, 0), "fail"),
    "steps": ({"steps": {"rel": 1}}, used(1, 0), used(1, 0), "pass"),
}


@pytest.mark.parametrize(("budget", "recorded", "run", "verdict"), BUDGETS.values(), ids=BUDGETS)
def test_budgets(budget: Any, recorded: Any, run: Any, verdict: str) -> None:
    """A ceiling, a factor of the golden, or both; what cannot be measured says so."""
    found = difference(recorded, run, "contract", budgets=budget)

    (judged,) = [each for each in found.checks if each.id.startswith("budgets.")]
    assert judged.verdict == verdict
    assert judged.code == (Reason.BUDGET_EXCEEDED if verdict == "fail" else None)


WRITTEN: dict[str, tuple[str, list[str]]] = {
    "numbers": ("$1,200.50, 10.0 % and -3", ["number 1200.5", "number 10", "number -3"]),
    "dates": ("March 5, 2026 or 5 Mar", ["date 2026-03-05", "date 03-05"]),
    "iso date": ("on 2026-03-05", ["date 2026-03-05"]),
    "dates with slashes": (
        "13/5/2026, 5/13/26 or 2026/3/5",
        ["date 2026-05-13", "date 2026-03-05"],
    ),
    "either of two days": ("on 3/5/2026", ["date 2026-03/05"]),
    "dates with dots": ("am 5.3.2026", ["date 2026-03-05"]),
    "fractions": ("1/2 of it", ["number 1", "number 2"]),
    "markdown": (r"in order\_42", ["code order_42"]),
    "times": ("10:30 PM, 09:05, 5 p.m.", ["time 22:30", "time 09:05", "time 17:00"]),
    "addresses": (
        "Mail Ann@x.org, see https://x.org/a?b=1.",
        ["email ann@x.org", "url x.org/a?b=1"],
    ),
    "codes": ("HAT136 and ord-42", ["code hat136", "code ord-42"]),
    "names": ("“Blue Sparrow” isn't 'Red Fox'", ["name blue sparrow", "name red fox"]),
    "list items": ("1. one\n2. two", []),
    "ordinals": ("the 2nd time", ["number 2"]),
    "no month": ("24 decisions", ["number 24"]),
}


@pytest.mark.parametrize(("text", "forms"), WRITTEN.values(), ids=WRITTEN)
def test_facts_have_one_form_however_they_are_written(text: str, forms: list[str]) -> None:
    """Kind and normal form, in order of appearance."""
    assert list(facts(text)) == forms


@pytest.mark.parametrize(
    ("recorded", "other"),
    [
        ("due March 5", "due 2026-03-05"),
        ("due 2026-03-05", "due on the 5th of March"),
        ('for "Blue Sparrow"', "for Blue Sparrow"),
        ("costs 98.70", "costs $98.7"),
        ("3 files", "three files"),
        ("in March 2026", "on 2026-03-05"),
        ("due 2026-03-05", "due 3/5/2026"),
        ("due 5/3/2026", "due March 5"),
        ('for "blue_sparrow"', r"for blue\_sparrow"),
        ("pizza -100, rent -50.50", "pizza 100, rent 50.50"),
        ("at 10:00", "at 10 a.m."),
        ("due 2026-03-05", "due 2026\u201103\u201105"),
        ("a balance of -50", "a balance of \u201350"),
        ("costs 98.70", "costs 98.70EUR, not USD99"),
        ("costs 1,250.50", "kostet 1.250,50"),
        ("costs 1,250.50", "co\u00fbte 1\u202f250,50"),
        ("costs 1,250.50", "costs 1'250.50"),
        ("to DE12345678", "to DE12 3456 78"),
        ("see https://www.x.org/", "see x.org"),
        ("on 2026-05-21 18:00", "on '2026-05-21 18:00'"),
        ("file `a-b.docx`", 'the file "a-b.docx"'),
    ],
)
def test_facts_may_be_stated_otherwise(recorded: str, other: str) -> None:
    """In words, in groups, or without what goes without saying: a year, quotes, signs, a scheme."""
    assert missing_facts(recorded, other) == []


def test_the_sign_of_a_single_number_is_a_fact() -> None:
    """Several without theirs are a list of what was spent; one may well be wrong."""
    assert missing_facts("The balance is -50.", "The balance is 50.") == ["-50"]


def test_names_of_tools_are_no_facts() -> None:
    """How an agent went about it answers nothing."""
    recorded = trace(use("find_bill", "none"), response("There is no bill in `find_bill`."))

    found = difference(recorded, trace(response("I found none.")), "contract")

    assert check(found, "final_message").verdict == "unmeasured"
