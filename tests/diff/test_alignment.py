"""Which step answers to which, and what is said of the rest."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_opswald.diff.steps import align
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import LlmCall, Step, ToolCall
from pytest_opswald.trace.trace import Trace
from tests.diff.traces import call, chat, difference, llm, response, result, told, trace, use, user

RECORDED = trace(
    user("Refund order 42"),
    llm("Refund order 42", asks=[call("lookup", order=42)]),
    use("lookup", {"total": 19.9}, order=42),
    llm("Refund order 42", "total 19.9", asks=[call("refund", order=42)]),
    use("refund", "done", order=42),
    llm("Refund order 42", "total 19.9", "done", answer="Refunded."),
    response("Refunded."),
)


def with_steps(*steps: Step) -> Trace:
    return Trace.of(steps)


def test_a_run_is_equal_to_itself() -> None:
    """No row differs and nothing fails."""
    found = difference(RECORDED, RECORDED.model_copy(deep=True))

    assert not found.changed
    assert not found.failed


def test_a_call_that_was_not_made_is_one_missing_tool() -> None:
    """Its result is missing too, but follows from the call and does not gate again."""
    steps = RECORDED.steps

    found = difference(RECORDED, with_steps(*steps[:5], *steps[7:]))

    assert told(found.changed) == [("missing", "TOOL_MISSING", 6), ("missing", "STEP_MISSING", 7)]
    assert [row.gates for row in found.changed] == [True, False]
    assert found.changed[1].follows == 6


def test_a_result_whose_call_is_missing_keeps_its_partner() -> None:
    """A dropped call alone is the only difference."""
    steps = RECORDED.steps

    found = difference(RECORDED, with_steps(*steps[:5], *steps[6:]))

    assert told(found.changed) == [("missing", "TOOL_MISSING", 6)]


def test_a_recorded_tool_called_once_more_is_a_matter_of_count() -> None:
    """An extra call of a known tool is TOOL_COUNT, of an unknown one STEP_EXTRA."""
    steps = RECORDED.steps
    again = with_steps(*steps[:7], *use("refund", "done", order=42), *steps[7:])
    new = with_steps(*steps[:7], *use("delete_user", id=1), *steps[7:])

    assert difference(RECORDED, again).reason_codes == (Reason.TOOL_COUNT,)
    assert difference(RECORDED, new).reason_codes == (Reason.STEP_EXTRA,)


def test_one_llm_call_more_does_not_unpair_the_rest() -> None:
    """An extra call is one extra row where it happened."""
    steps = RECORDED.steps
    extra = llm("Refund order 42", "Are you sure?", answer="Yes.")

    found = difference(RECORDED, with_steps(*steps[:4], extra, *steps[4:]))

    assert [row.op for row in found.pairs].index("extra") == 4
    assert len(found.changed) == 1


def test_calls_of_one_turn_have_no_order() -> None:
    """Parallel tool calls that finish in another order are no difference."""
    a, b = call("weather", "1", city="Rome"), call("weather", "2", city="Oslo")
    asked = llm("Weather?", asks=[a, b])

    found = difference(
        trace(asked, a, result("weather", 20, "1"), b, result("weather", 5, "2")),
        trace(asked, b, result("weather", 5, "2"), a, result("weather", 20, "1")),
    )

    assert not found.changed


def test_calls_in_flight_together_have_no_order() -> None:
    """LLM calls of one group may be seen in any order, whatever the group's number."""
    first, second = llm("Summarise A", answer="a"), llm("Summarise B", answer="b")

    found = difference(
        trace(*(each.model_copy(update={"group": 1}) for each in (first, second))),
        trace(*(each.model_copy(update={"group": 7}) for each in (second, first))),
    )

    assert not found.changed


def test_calls_of_two_turns_that_swapped_places_moved() -> None:
    """Each is paired with itself; the LLM call between them did not move."""
    lookup, refund = use("lookup", order=42), use("refund", order=42)
    asks = llm("Go on", answer="Next")

    found = difference(trace(lookup, asks, refund), trace(refund, asks, lookup))

    assert {(row.op, row.golden.input.tool) for row in found.changed if row.golden} == {
        ("moved", "lookup"),
        ("moved", "refund"),
    }
    assert found.reason_codes == (Reason.TOOL_ORDER,)


def test_plain_code_that_swaps_two_calls_is_out_of_order() -> None:
    """Without an LLM turn around them, calls have an order."""
    lookup, refund = use("lookup", order=42), use("refund", order=42)

    found = difference(trace(lookup, refund), trace(refund, lookup))

    assert found.reason_codes == (Reason.TOOL_ORDER,)


def test_a_changed_argument_is_paired_with_the_most_similar_call() -> None:
    """Among calls of one tool in one turn, the pairs are those that have most in common."""
    asks = [call("send", to="ann", text="hi"), call("send", to="bob", text="bye")]
    asked = llm("Send", asks=asks)

    found = difference(
        trace(asked, *asks),
        trace(asked, call("send", to="bob", text="ciao"), call("send", to="ann", text="hi")),
    )

    (row,) = found.changed
    assert row.code is Reason.ARG_CHANGED
    assert [(c.path, c.expected, c.actual) for c in row.changes] == [
        ("input.arguments.text", "bye", "ciao")
    ]


def test_swapping_the_model_does_not_unpair_llm_calls() -> None:
    """The model is no part of what makes two calls candidates for each other."""
    other = RECORDED.steps[1].model_copy(
        update={"input": RECORDED.steps[1].input.model_copy(update={"model": "other"})}
    )

    found = difference(RECORDED, with_steps(RECORDED.steps[0], other, *RECORDED.steps[2:]))

    (row,) = found.changed
    assert [change.path for change in row.changes] == ["input.model"]


def test_volatile_values_in_requests_are_no_difference() -> None:
    """A new uuid and a new time in a tool result that goes back to the LLM are expected."""
    before = {"role": "tool", "content": "ticket 0b5a3c7e-1111-4222-8333-944455556666"}
    after = {"role": "tool", "content": "ticket 7c1d9f00-aaaa-4bbb-8ccc-1ddd2eee3fff"}

    found = difference(
        trace(chat({"messages": [before]}, answer="ok")),
        trace(chat({"messages": [after]}, answer="ok")),
    )

    assert not found.changed


STEPS = st.sampled_from(
    [
        call("a", n=1),
        call("a", n=2),
        call("b", n=1),
        result("a", 1),
        result("b", 1),
        user("hello"),
        llm("hello", answer="one"),
        llm("hello", answer="two"),
        llm("hello", asks=[call("a", n=1), call("b", n=1)]),
        response("end"),
    ]
)
TRACES = st.lists(STEPS, max_size=12).map(Trace.of)


@settings(max_examples=300)
@given(TRACES, TRACES)
def test_rows_hold_every_step_exactly_once(golden: Trace, actual: Trace) -> None:
    """The golden's steps stand in their order, the run's are all there, pairs are of one kind."""
    links = align(golden.steps, actual.steps)

    assert [link.golden for link in links if link.golden is not None] == [*range(len(golden.steps))]
    assert sorted(link.actual for link in links if link.actual is not None) == [
        *range(len(actual.steps))
    ]
    assert all(
        golden.steps[link.golden].type == actual.steps[link.actual].type
        for link in links
        if link.golden is not None and link.actual is not None
    )


@given(TRACES)
def test_equal_traces_have_only_equal_rows(recorded: Trace) -> None:
    """However often a run repeats itself."""
    found = difference(recorded, recorded.model_copy(deep=True))

    assert not found.changed


@given(TRACES, TRACES)
def test_never_tells_more_than_comparing_nothing(golden: Trace, actual: Trace) -> None:
    """Even for foreign runs there are no more differences than steps missing and extra."""
    found = difference(golden, actual)

    assert len(found.changed) <= len(golden.steps) + len(actual.steps)


@given(TRACES, st.data())
def test_one_dropped_step_is_one_missing_row(recorded: Trace, data: st.DataObject) -> None:
    """Of calls that are not in a turn, exactly the dropped one is missing."""
    tools = [s for s in recorded.steps if not isinstance(s, ToolCall | LlmCall)]
    recorded = Trace.of(tools)
    if not tools:
        return
    dropped = data.draw(st.integers(0, len(tools) - 1))

    found = difference(recorded, Trace.of([*tools[:dropped], *tools[dropped + 1 :]]))

    assert [row.op for row in found.changed] == ["missing"]
