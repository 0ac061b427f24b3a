"""What is said of a pair that differs: leaves, code, cause, and what it follows from."""

from __future__ import annotations

from typing import Any

import pytest
from deepdiff import DeepDiff
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.diff.values import changes
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.steps import (
    Error,
    GuardrailEval,
    Handoff,
    HttpRecord,
    StateChange,
    Step,
    StepError,
)
from tests.diff.traces import call, chat, difference, llm, response, result, told, trace, use, user

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Refund order 42"}


def leaf(path: str, expected: Any, actual: Any, **how: Any) -> list[tuple[str, str, Any, Any]]:
    return [(c.path, c.kind, c.expected, c.actual) for c in changes(path, expected, actual, **how)]


LEAVES: dict[str, tuple[Any, Any, list[tuple[str, str, Any, Any]]]] = {
    "scalar": (1, 2, [("x", "changed", 1, 2)]),
    "type": (1, "1", [("x", "type_changed", 1, "1")]),
    "whole number and float": ({"a": 1}, {"a": 1.0}, [("x.a", "type_changed", 1, 1.0)]),
    "nothing before": (None, {"a": 1}, [("x", "added", None, {"a": 1})]),
    "nested": ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("x.a[0].b", "changed", 1, 2)]),
    "added key": ({"a": 1}, {"a": 1, "b": 2}, [("x.b", "added", None, 2)]),
    "removed item": ({"a": [1, 2]}, {"a": [1]}, [("x.a[1]", "removed", 2, None)]),
    "underscores": ({"__a": 1}, {"__a": 2}, [("x.__a", "changed", 1, 2)]),
    "odd key": ({"a.b": 1}, {"a.b": 2}, [('x["a.b"]', "changed", 1, 2)]),
}


@pytest.mark.parametrize(("expected", "actual", "found"), LEAVES.values(), ids=LEAVES)
def test_leaves_carry_dotted_paths_and_both_values(expected: Any, actual: Any, found: Any) -> None:
    """Every leaf that differs, and only those."""
    assert leaf("x", expected, actual) == found


NESTED = st.recursive(
    # No two that are equal to Python: inside lists DeepDiff takes True for 1.
    st.sampled_from([None, True, 0, 2, 2.5, "", "x", "two\nlines"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "_c"]), inner)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from("pqr"), NESTED).map(lambda inner: {"in": inner})


@given(DOCUMENTS, DOCUMENTS)
def test_documents_differ_where_deepdiff_says(expected: Any, actual: Any) -> None:
    """Walking through objects ourselves spares most comparisons the import and its cost."""
    found = DeepDiff(
        expected, actual, view="tree", threshold_to_diff_deeper=0, ignore_private_variables=False
    )
    places = {
        "x" + level.path(root="").replace("['", ".").replace("']", "")
        for levels in found.values()
        for level in levels
    }

    assert {path for path, *_ in leaf("x", expected, actual, exact=True)} == places


def test_lists_of_messages_with_repeats_are_aligned_by_their_order() -> None:
    """A message that is said again and again does not lead astray."""
    again = {"role": "user", "content": "go on"}
    before = {"messages": [SYSTEM, again, again, USER, again]}
    after = {"messages": [{**SYSTEM, "content": "Be kind."}, again, again, again, USER, again]}

    assert [path for path, *_ in leaf("request", before, after)] == [
        "request.messages[0].content",
        "request.messages[1]",
    ]


def test_a_message_put_in_between_is_one_addition() -> None:
    """Conversations are aligned: what comes after is not said to have changed."""
    before = {"messages": [SYSTEM, USER]}
    hint = {"role": "user", "content": "By the way"}
    after = {"messages": [SYSTEM, hint, USER]}

    assert leaf("request", before, after) == [("request.messages[1]", "added", None, hint)]


def test_volatile_leaves_are_left_out_beside_a_real_change() -> None:
    """A new time is noise once the amount explains the difference, but never in exact parts."""
    before = {"at": "2026-11-21T10:00:00Z", "amount": 1}
    after = {"at": "2026-11-22T11:30:00Z", "amount": 2}

    assert [path for path, *_ in leaf("x", before, after)] == ["x.amount"]
    assert [path for path, *_ in leaf("x", before, after, exact=True)] == ["x.amount", "x.at"]


def test_values_that_were_mixed_up_are_told() -> None:
    """Two ids in each other's place are a difference although both are volatile."""
    one, two = "call_aaaaaaaa1", "call_bbbbbbbb2"
    found = leaf("x", {"a": one, "b": one}, {"a": one, "b": two})

    assert found == [("x.b", "changed", one, two)]


def test_a_changed_prompt_is_request_drift() -> None:
    """One leaf, under the path of the request."""
    brief = {"messages": [{**SYSTEM, "content": "Be verbose."}, USER]}

    found = difference(
        trace(chat({"messages": [SYSTEM, USER]}, answer="ok")), trace(chat(brief, answer="ok"))
    )

    (row,) = found.changed
    assert (row.code, row.cause) == (Reason.REQUEST_DRIFT, Cause.REQUEST_DRIFT)
    assert [(c.path, c.expected, c.actual) for c in row.changes] == [
        ("request.messages[0].content", "Be brief.", "Be verbose.")
    ]


def test_another_endpoint_is_request_drift() -> None:
    """The path counts; scheme, host and port do not."""
    body = {"messages": [USER]}
    step = chat(body, answer="ok")
    assert step.http
    local = step.http.model_copy(update={"url": "http://localhost/v1/chat/completions"})
    other = step.http.model_copy(update={"url": "https://api.openai.com/v2/chat"})

    same = difference(trace(step), trace(step.model_copy(update={"http": local})))
    moved = difference(trace(step), trace(step.model_copy(update={"http": other})))

    assert not same.changed
    assert [change.path for row in moved.changed for change in row.changes] == ["endpoint"]
    assert moved.reason_codes == (Reason.REQUEST_DRIFT,)


def with_error(step: Step) -> Step:
    error = StepError(type="timeout", message="took too long")
    return step.model_copy(update={"status": "error", "error": error})


NAMED: dict[str, tuple[Step, Step, Reason, Cause]] = {
    "llm answer": (
        llm("hi", answer="a"),
        llm("hi", answer="b"),
        Reason.STEP_CHANGED,
        Cause.MODEL_DRIFT,
    ),
    "llm error": (
        llm("hi", answer="a"),
        with_error(llm("hi", answer="a")),
        Reason.ERROR_NEW,
        Cause.MODEL_DRIFT,
    ),
    "arguments": (call("t", a=1), call("t", a=2), Reason.ARG_CHANGED, Cause.CODE_DRIFT),
    "result": (result("t", 1), result("t", 2), Reason.STEP_CHANGED, Cause.TOOL_DRIFT),
    "result error": (
        result("t", 1),
        with_error(result("t", 1)),
        Reason.ERROR_NEW,
        Cause.TOOL_DRIFT,
    ),
    "user input": (user("a"), user("b"), Reason.STEP_CHANGED, Cause.REQUEST_DRIFT),
    "handoff": (
        Handoff(input={"to_agent": "billing"}),
        Handoff(input={"to_agent": "sales"}),
        Reason.HANDOFF_CHANGED,
        Cause.CODE_DRIFT,
    ),
    "guardrail": (
        GuardrailEval(input={"guardrail": "pii"}, output={"passed": True}),
        GuardrailEval(input={"guardrail": "pii"}, output={"passed": False}),
        Reason.GUARDRAIL_CHANGED,
        Cause.CODE_DRIFT,
    ),
    "state": (
        StateChange(input={"key": "cart"}, output={"new": 1}),
        StateChange(input={"key": "cart"}, output={"new": 2}),
        Reason.STATE_MISMATCH,
        Cause.CODE_DRIFT,
    ),
}


@pytest.mark.parametrize(("before", "after", "code", "cause"), NAMED.values(), ids=NAMED)
def test_each_kind_of_change_has_its_code_and_cause(
    before: Step, after: Step, code: Reason, cause: Cause
) -> None:
    """Stable words that scripts may rely on."""
    found = difference(trace(before), trace(after))

    assert [(row.op, row.code, row.cause) for row in found.changed] == [("changed", code, cause)]


def test_a_new_error_step_is_a_new_error() -> None:
    """An extra step of the error kind is ERROR_NEW, not just extra."""
    ended = Error(status="error", error=StepError(type="agent_error", message="boom"))

    assert difference(trace(user("a")), trace(user("a"), ended)).reason_codes[0] is Reason.ERROR_NEW


def test_what_an_agent_does_after_another_answer_is_owed_to_the_model() -> None:
    """A changed call blames the model once an LLM has answered otherwise, the code before."""
    found = difference(
        trace(llm("hi", asks=[call("t", a=1)]), use("t", a=1)),
        trace(llm("hi", asks=[call("t", a=2)]), use("t", a=2)),
    )

    assert [row.cause for row in found.changed] == [Cause.MODEL_DRIFT, Cause.MODEL_DRIFT]


def test_requests_that_repeat_a_changed_result_follow_from_it() -> None:
    """The tool result is the root; the later requests carry it as text and say so."""

    def run(total: float, said: str) -> Any:
        told_back = {"role": "tool", "content": said}
        return trace(
            chat({"messages": [USER]}, answer="looking"),
            use("lookup", {"total": total}, order=42),
            chat({"messages": [USER, told_back]}, answer="ok"),
            chat({"messages": [USER, told_back, USER]}, answer="ok"),
        )

    found = difference(run(19.9, '{"total": 19.9}'), run(25.0, '{"total": 25.0}'))

    assert told(found.changed) == [
        ("changed", "STEP_CHANGED", 3),
        ("changed", "REQUEST_DRIFT", 4),
        ("changed", "REQUEST_DRIFT", 5),
    ]
    assert [row.follows for row in found.changed] == [None, 3, 3]
    assert [row.gates for row in found.changed] == [True, False, False]


def test_requests_that_repeat_a_changed_prompt_follow_from_the_first() -> None:
    """One prompt edit is one root, however long the conversation."""

    def run(prompt: str) -> Any:
        system = {"role": "system", "content": prompt}
        return trace(
            chat({"messages": [system, USER]}, answer="a"),
            chat({"messages": [system, USER, USER]}, answer="b"),
        )

    found = difference(run("Be brief."), run("Be verbose."))

    assert [row.follows for row in found.changed] == [None, 1]
    assert found.reason_codes == (Reason.REQUEST_DRIFT,)


def test_a_request_with_a_second_difference_of_its_own_is_a_root() -> None:
    """What earlier rows do not explain is told in its own right."""

    def run(prompt: str, temperature: float) -> Any:
        system = {"role": "system", "content": prompt}
        return trace(
            chat({"messages": [system, USER]}, answer="a"),
            chat({"messages": [system, USER, USER], "temperature": temperature}, answer="b"),
        )

    found = difference(run("Be brief.", 0.0), run("Be verbose.", 1.0))

    assert [row.follows for row in found.changed] == [None, None]


def test_messages_of_an_extra_call_are_explained_by_it() -> None:
    """A call that was made once more stands in the next request; that is no second finding."""
    asked = {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "t", "arguments": '{"a": 1}'}}
    ]}  # fmt: skip
    answered = {"role": "tool", "tool_call_id": "c1", "content": "found it"}
    first, last = chat({"messages": [USER]}, answer="hm"), {"messages": [USER, USER]}

    found = difference(
        trace(first, chat(last, answer="done")),
        trace(
            first,
            use("t", "found it", a=1),
            chat({"messages": [USER, asked, answered, USER]}, answer="done"),
        ),
    )

    assert told(found.changed)[-1] == ("changed", "REQUEST_DRIFT", 2)
    assert found.changed[-1].follows == 2
    assert found.reason_codes == (Reason.STEP_EXTRA,)


def test_a_response_that_repeats_another_answer_follows_from_it() -> None:
    """The derived response says what the LLM said."""
    found = difference(
        trace(llm("hi", answer="one"), response("one")),
        trace(llm("hi", answer="two"), response("two")),
    )

    assert [row.follows for row in found.changed] == [None, 1]


def test_plain_http_compares_request_and_response() -> None:
    """Traffic that no wire format reads is compared as it stands."""
    from pytest_opswald.trace.steps import Custom

    def run(asked: str, body: Any) -> Any:
        http = HttpRecord(format="http", url="https://x.test/v1/rank", request=asked, body=body)
        return trace(Custom(http=http))

    assert not difference(run("q", [1]), run("q", [1])).changed
    (request,) = difference(run("q", [1]), run("p", [1])).changed
    (answer,) = difference(run("q", [1]), run("q", [2])).changed
    assert (request.code, request.cause) == (Reason.REQUEST_DRIFT, Cause.REQUEST_DRIFT)
    assert (answer.code, answer.cause) == (Reason.STEP_CHANGED, Cause.TOOL_DRIFT)
