"""State-changing calls against those of the golden."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff.compare import compare
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import Step, StepError, ToolOutput, ToolResult, ToolResultInput
from pytest_opswald.trace.trace import Trace
from tests.diff.traces import call, difference, golden, response, trace, use, user

ASKED = user('Send Bob "see you at noon" for 12.50, on March 5 at 9:30, from Dalton Street 123.')
READ = use(
    "read_file",
    "The account is DE12345678, owner Ann Lee, city New York. Bill to 1 Rue de Rivoli, 75001 Paris.",
    name="a.txt",
)
RECORDED: dict[str, Any] = {
    "to": "Bob",
    "amount": 12.5,
    "account": "DE12345678",
    "owner": "Ann Lee",
    "message": "see you at noon",
    "subject": "Money for lunch",
    "date": "2026-03-05",
    "sent": "2026-02-01",
    "tag": "Lunch",
    "reference": "12",
    "grade": "A+",
    "note": "Refund",
    "comment": "Bob",
    "address": "1 Rue de Rivoli, 75001 Paris",
    "copies": ["Ann Lee"],
    "body": "It went well.",
    "report": "Down to 7.2 percent.",
    "starts": "2026-03-05T09:30:00Z",
    "ends": "2026-03-05 11:00",
}
END = response("Sent.")


def run(*arguments: dict[str, Any]) -> Trace:
    return trace(ASKED, READ, *(use("send_money", **given) for given in arguments), END)


def codes(recorded: Trace, actual: Trace, **outcome: Any) -> list[Reason | None]:
    found = difference(recorded, actual, "contract", **outcome)
    return [check.code for check in found.checks if check.id.startswith("effects")]


def test_a_server_that_asked_the_agent_did_its_work_itself() -> None:
    """Of another tool with steps inside, the leaves did it."""
    asked, answered = (
        step.model_copy(update={"parent_span_id": "span_1"})
        for step in use("sampling/createMessage", prompt="How much?")
    )
    asks, done = use("send_money", **RECORDED)
    asks = asks.model_copy(update={"span_id": "span_1", "remote": True})

    recorded = trace(ASKED, asks, asked, answered, done, END)

    assert codes(recorded, recorded) == [None]
    assert codes(recorded, trace(ASKED, END)) == [Reason.EFFECT_MISSING]


FREE: dict[str, dict[str, Any]] = {
    "wording": {"subject": "Lunch is on me"},
    "longer message": {"message": 'Hi! "See you at noon", Ann'},
    "way of writing": {"to": " bob", "amount": "12.50", "account": "de12345678"},
    "separators and marks": {"to": "@Bob.", "account": "DE12-345-678"},
    "marks in a message": {"message": "See you: at noon!"},
    "one word or several": {"tag": "Lunch money"},
    "day written otherwise": {"date": "March 5, 2026"},
    "day between slashes": {"date": "3/5/2026"},
    "one word of its own": {"note": "Reimbursement"},
    "day that nobody named": {"sent": "2026-02-28"},
    "argument left out": {"subject": None},
    "the same figures": {"report": "Down to 7.20 percent!"},
    "other figures besides": {"report": "7.2 percent, 5 minutes from here."},
    "no figures": {"report": "It edged down."},
    "hyphens that do not break": {"date": "2026\u201103\u201105", "account": "DE12\u2011345678"},
    "the same moment": {"starts": "2026-03-05T11:30:00+02:00"},
    "no time zone": {"starts": "2026-03-05 09:30"},
    "time that nobody named": {"ends": "2026-03-05 12:00"},
}
JUDGED: dict[str, dict[str, Any]] = {
    "word": {"to": "Alice"},
    "word of its own, not in a text": {"tag": "Dinner"},
    "word that was given, in a text": {"comment": "Alice"},
    "number": {"amount": 13},
    "id": {"account": "DE87654321"},
    "name that was read": {"owner": "Bob Lee"},
    "message that was given": {"message": "see you at one"},
    "day that the user named": {"date": "2026-03-06"},
    "another day between slashes": {"date": "3/6/2026"},
    "something new": {"limit": 5},
    "number, separated": {"reference": "1-2"},
    "sign": {"grade": "A-"},
    "text that was read": {"address": "<the address>"},
    "what was read, left out": {"copies": []},
    "what was read, added": {"city": "New York"},
    "figures of its own words": {"report": "Down to 7.3 percent."},
    "nothing said": {"body": ""},
    "another moment": {"starts": "2026-03-05T09:30:00+02:00"},
    "day that the user named, at a time of its own": {"ends": "2026-03-06 11:00"},
}


@pytest.mark.parametrize("change", FREE.values(), ids=FREE)
def test_what_an_agent_may_choose_is_free(change: dict[str, Any]) -> None:
    """Its own words and days, and what says nothing new."""
    assert codes(run(RECORDED), run({**RECORDED, **change})) == [None]


@pytest.mark.parametrize("change", JUDGED.values(), ids=JUDGED)
def test_what_an_agent_was_given_must_come_through(change: dict[str, Any]) -> None:
    """Names, numbers, ids, quoted messages, days."""
    found = difference(run(RECORDED), run({**RECORDED, **change}), "contract")

    (failed,) = found.failed_checks
    assert failed.code is Reason.EFFECT_CHANGED
    assert failed.message == f"send_money was called with another {', '.join(change)}"


def test_order_does_not_count_and_number_does() -> None:
    """One call for each; too few and too many are told apart."""
    one, other = {"to": "a"}, {"to": "b"}

    assert codes(run(one, other), run(other, one)) == [None]
    assert codes(run(one, other), run(one)) == [Reason.EFFECT_MISSING]
    assert codes(run(one), run(one, one)) == [Reason.EFFECT_EXTRA]


def test_reads_do_not_count() -> None:
    """Another way to find out is as good."""
    assert codes(run(RECORDED), trace(ASKED, READ, READ, use("send_money", **RECORDED), END)) == [
        None
    ]


def test_repeating_an_idempotent_write_does_not_count() -> None:
    """Setting the same twice is setting it once; sending twice is not."""
    once, twice = use("set_limit", value=3), use("send_mail", to="bob")

    assert codes(trace(once, END), trace(once, once, END)) == [None]
    assert codes(trace(twice, END), trace(twice, twice, END)) == [Reason.EFFECT_EXTRA]


def test_an_update_may_tell_again_what_was_read() -> None:
    """What stands there already is no change."""
    known = use("get_bill", {"id": "b-7", "payee": "Ann Lee"})
    short = use("update_bill", id="b-7", amount=3)
    long = use("update_bill", id="b-7", amount=3, payee="Ann Lee")

    assert codes(trace(known, short, END), trace(known, long, END)) == [None]


def test_a_part_that_both_name_may_be_told_more_of() -> None:
    """The flight is the same, whether its price is said again or not."""
    found = use("find_flights", [{"flight": "HAT69", "price": 51}])
    short = use("book_flight", flights=[{"flight": "HAT69"}])
    long = use("book_flight", flights=[{"flight": "HAT69", "price": 51}])

    assert codes(trace(found, short, END), trace(found, long, END)) == [None]


PARTS = [{"first": "Ann", "born": "1992-11-12"}, {"first": "Mei", "born": "1989-12-13"}]
OTHER_PARTS: dict[str, tuple[list[dict[str, str]], list[str]]] = {
    "another order": (PARTS[::-1], []),
    "another day, that a tool told": (
        [PARTS[0], {**PARTS[1], "born": "1989-12-14"}],
        ["book was called with another people[1].born"],
    ),
    "another number of them": (PARTS[:1], ["book was called with another people"]),
}


@pytest.mark.parametrize(("parts", "told"), OTHER_PARTS.values(), ids=OTHER_PARTS)
def test_parts_are_what_tools_told_in_any_order(
    parts: list[dict[str, str]], told: list[str]
) -> None:
    """Days in them, too, are not the agent's to choose."""
    known = use("find_people", PARTS)

    found = difference(
        trace(known, use("book", people=PARTS)), trace(known, use("book", people=parts)), "contract"
    )

    assert [check.message for check in found.failed_checks] == told


LESS: dict[str, dict[str, Any]] = {
    "which one": {"bill_id": None},
    "which one, camel case": {"payeeId": None},
    "a whole part": {"flights": []},
}


@pytest.mark.parametrize("change", LESS.values(), ids=LESS)
def test_an_update_must_say_what_it_changes(change: dict[str, Any]) -> None:
    """Even where a tool told it, and so it stands there already."""
    whole = {"bill_id": "b-7", "payeeId": "p-9", "flights": [{"flight": "HAT69"}], "amount": 3}
    known = use("get_bill", whole)

    found = codes(
        trace(known, use("update_bill", **whole), END),
        trace(known, use("update_bill", **{**whole, **change}), END),
    )

    assert found == [Reason.EFFECT_CHANGED]


def test_what_a_tool_only_repeats_was_not_told_by_it() -> None:
    """Subjects of mails that were just sent bind nobody."""
    sent = use("send_mail", "sent: Task Assignment to Ann", to="Ann", subject="Task Assignment")

    def mails(subject: str) -> Trace:
        return trace(user("Tell Ann and Bob."), sent, use("send_mail", to="Bob", subject=subject))

    assert codes(mails("Task Assignment"), mails("Your part")) == [None]


def test_an_idempotent_write_may_be_split_up() -> None:
    """Two calls that agree where they overlap are one; those of other things are not."""
    whole, other = {"order": 7, "to": "Bob", "gift": True}, {"order": 8, "to": "Bob"}
    parts = [{"order": 7, "to": "Bob"}, {"order": 7, "gift": True}]
    ones = trace(*(use("update_order", **given) for given in (whole, other)), END)
    others = trace(*(use("update_order", **given) for given in (*parts, other)), END)

    assert codes(ones, others) == [None]


def failing(error: Any) -> Iterable[Step]:
    yield call("send_money", to="Eve")
    yield ToolResult(
        input=ToolResultInput(tool="send_money"),
        output=ToolOutput(error=error),
        status="error",
        error=StepError(type="tool_error", message=str(error)),
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [("unknown account", None), ("NoRecordedAnswer: no recorded result", Reason.EFFECT_EXTRA)],
    ids=["failed by itself", "refused by the replay"],
)
def test_a_call_that_failed_changed_nothing(error: str, expected: Reason | None) -> None:
    """Unless it was the replay that kept it from doing so."""
    tried = trace(ASKED, READ, tuple(failing(error)), use("send_money", **RECORDED), END)

    assert codes(run(RECORDED), tried) == [expected]


COMPLAINTS: dict[str, tuple[Any, list[Reason | None]]] = {
    "text": ("Error: unknown account", []),
    "exception": ("ValueError: unknown account", []),
    "object": ({"error": "unknown account"}, []),
    "JSON": ('{"success": false}', []),
    "status": ({"status": "failed", "id": 7}, []),
    "MCP": ({"isError": True, "content": []}, []),
    "Python": ("{'error': 'unknown account'}", []),
    "errors": ({"errors": ["unknown account"], "data": None}, []),
    "HTTP": ({"status": 404}, []),
    "sentence": ("Failed to send: unknown account", []),
    "success": ({"success": True, "error": None, "status": "sent"}, [Reason.EFFECT_EXTRA]),
    "HTTP success": ({"status": 201, "errors": []}, [Reason.EFFECT_EXTRA]),
    "no object": ("{it's done", [Reason.EFFECT_EXTRA]),
    "talk of errors": ("Sent the error report.", [Reason.EFFECT_EXTRA]),
}


@pytest.mark.parametrize(("result", "expected"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_a_call_fails_that_says_so(result: Any, expected: list[Reason | None]) -> None:
    """Tools that raise nothing tell it in their result."""
    tried = trace(*use("send_money", result, to="Eve"), END)

    assert codes(trace(END), tried) == expected


def test_effects_are_as_somebody_said() -> None:
    """Of the golden, then of the code or the settings."""
    recorded, actual = trace(use("send_money", to="a"), END), trace(END)
    harmless = golden(recorded).model_copy(update={"effects": {"send_money": "read"}})

    assert not compare(harmless, actual, profile="contract").failed
    assert compare(harmless, actual, profile="contract", effects={"send_money": "write"}).failed


RULES: dict[str, tuple[Any, list[Reason | None]]] = {
    "none": ("none", []),
    "golden": ("golden", [Reason.EFFECT_MISSING]),
    "exactly": ({"exactly": [{"name": "send_money", "args": {"to": "a"}, "times": 1}]}, [None]),
    "exactly, missing": ({"exactly": ["send_money", "send_mail"]}, [None, Reason.EFFECT_MISSING]),
    "at most": ({"at_most": ["send_money", "send_mail"]}, [None, None]),
    "exactly one, none": (
        {"exactly": ["send_mail"], "at_most": ["send_money"]},
        [Reason.EFFECT_EXTRA, Reason.EFFECT_MISSING, None],
    ),
    "nothing at all": ({"at_most": []}, [Reason.EFFECT_EXTRA]),
    "at most, other": ({"at_most": ["send_mail"]}, [Reason.EFFECT_EXTRA, None]),
}


@pytest.mark.parametrize(("rule", "expected"), RULES.values(), ids=RULES)
def test_effects_may_be_listed(rule: Any, expected: list[Reason | None]) -> None:
    """Instead of those that were recorded."""
    recorded = trace(use("send_money", to="a"), use("send_money", to="b"), END)

    assert codes(recorded, trace(use("send_money", to="a"), END), effects=rule) == expected


TWICE = {
    "exactly": ({"exactly": ["send_money"]}, [Reason.EFFECT_EXTRA]),
    "at most": ({"at_most": ["send_money"]}, [Reason.EFFECT_EXTRA]),
    "named twice": ({"exactly": ["send_money", "send_money"]}, [None]),
    "two times": ({"exactly": [{"name": "send_money", "times": 2}]}, [None]),
    "any number": ({"at_most": [{"name": "send_money", "times": {"min": 0}}]}, [None]),
}


@pytest.mark.parametrize(("rule", "expected"), TWICE.values(), ids=TWICE)
def test_an_effect_that_is_named_stands_for_one_call(rule: Any, expected: list[Any]) -> None:
    """A payment that was made twice is not the payment that was expected."""
    twice = trace(use("send_money", to="a"), use("send_money", to="a"), END)

    assert codes(twice, twice, effects=rule) == expected


def test_no_effect_at_all_may_be_expected() -> None:
    """An empty list holds for runs that change nothing."""
    assert codes(trace(END), trace(END), effects={"exactly": []}) == [None]


def test_ignored_arguments_are_not_compared() -> None:
    """By tool."""
    found = codes(
        run({"to": "a"}), run({"to": "b"}), tools={"args": {"send_money": {"ignore": ["to"]}}}
    )

    assert found == [None]


ARGUMENTS = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2)


@given(st.lists(ARGUMENTS, max_size=4), st.lists(ARGUMENTS, max_size=4))
def test_pairing_agrees_with_trying_every_pairing(ones: Any, others: Any) -> None:
    """No way to pair the calls leaves fewer of them unequal."""
    least = _fewest(ones, others) if len(ones) <= len(others) else _fewest(others, ones)

    found = codes(run(*ones), run(*others))

    assert len([code for code in found if code]) == least


def _fewest(few: list[Any], many: list[Any]) -> int:
    """Of all ways to pair calls: pairs that differ, and calls left over."""
    return min(
        sum(one != other for one, other in zip(few, order, strict=False)) + len(many) - len(few)
        for order in permutations(many)
    )
