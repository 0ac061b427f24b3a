"""One summary of what the comparison and the journal found."""

from __future__ import annotations

import pytest

from pytest_opswald.diff.difference import Change, Check, StepPair
from pytest_opswald.engine.result import Finding
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import StepError, ToolOutput, ToolResult, ToolResultInput
from tests.report.refund import PROMPT, changed, equal_pairs, llm, summary, without

DRIFT = Change("request.messages[1].content", "changed", "order 42", "order 43")


def test_a_finding_about_a_step_that_differs_is_told_with_its_row():
    """The journal and the comparison saw the same thing: it stands in one place."""
    rows = changed(equal_pairs(), 2, DRIFT, code=Reason.REQUEST_DRIFT)
    finding = Finding(Reason.REQUEST_DRIFT, "LLM call 1 asked for something else", step=2)

    one = summary(rows, findings=(finding,))

    assert one.findings == ()
    assert one.rows[1].findings == (finding,)
    assert one.rows[1].untold == ()
    assert one.reason_codes == (Reason.REQUEST_DRIFT,)


def test_a_finding_about_a_step_that_does_not_differ_stands_alone():
    """Nothing the journal holds gets lost."""
    finding = Finding(Reason.CACHE_MISS, "no recorded result for refund", step=6)

    one = summary(findings=(finding,))

    assert one.findings == (finding,)
    assert one.first == finding
    assert one.verdict == "fail"


def test_a_refused_tool_is_told_at_its_call():
    """The refusal reaches the agent as the tool's error; it belongs to the call before it."""
    said = "no recorded result for refund in test_refund"
    rows = changed(
        equal_pairs(), 6, Change("input.arguments.amount", "changed", 19.9, 25.0), gates=False
    )
    failed = ToolResult(
        step_number=7,
        input=ToolResultInput(tool="refund"),
        output=ToolOutput(error=f"NoRecordedAnswer: {said}"),
    )
    rows[6] = changed([*rows[:6], StepPair("equal", rows[6].golden, failed)], 7)[6]

    one = summary(rows, findings=(Finding(Reason.CACHE_MISS, said),))

    assert [finding.message for finding in one.rows[5].untold] == [said]
    assert one.rows[5].gates


def test_a_refused_call_comes_before_what_went_missing_because_of_it():
    """An extra call in the place of a recorded step: the refusal says why."""
    said = "no recorded answer for LLM call 4 of test_refund"
    error = StepError(type="llm_error", message=f"HTTP 400: {said}")
    refused = llm().model_copy(update={"step_number": 9, "status": "error", "error": error})
    rows = [*without(9), StepPair("extra", None, refused, gates=True)]

    one = summary(rows, findings=(Finding(Reason.REQUEST_DRIFT, said),))

    assert one.first == one.rows[-1]


def test_the_command_is_not_repeated_by_a_finding():
    """A miss ends with the command to type; a summary has it already."""
    command = "pytest tests/test_refund.py::test_refund --opswald-record=all"
    finding = Finding(Reason.CACHE_MISS, "no", ("asked  refund()", f"record it again:  {command}"))

    one = summary(findings=(finding,))

    assert one.accept == command
    assert one.findings[0].detail == ("asked  refund()",)


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        (Changes(model="mini"), Change("request.model", "changed", "gpt-5.2", "mini")),
        (
            Changes(model_map={"gpt-5.2": "mini"}),
            Change("input.model", "changed", "gpt-5.2", "mini"),
        ),
        (Changes(temperature=0), Change("request.temperature", "added", None, 0)),
        (Changes(temperature="none"), Change("request.temperature", "removed", 1, None)),
        (Changes(max_tokens=9), Change("request.max_completion_tokens", "changed", 50, 9)),
        (
            Changes(system_prompt="Be brief."),
            Change("request.messages[0].content", "changed", PROMPT, "Be brief."),
        ),
        (
            Changes(system_prompt="Be brief."),
            Change("request.system", "changed", PROMPT, [{"type": "text", "text": "Be brief."}]),
        ),
        (
            Changes(system_prompt="Be brief."),
            Change(
                "request.messages[0]", "added", None, {"role": "system", "content": "Be brief."}
            ),
        ),
    ],
    ids=[
        "model",
        "one model",
        "temperature",
        "no temperature",
        "max tokens",
        "prompt",
        "blocks",
        "new prompt",
    ],
)
def test_what_was_asked_for_is_no_difference(changes, change):
    """A request that differs as told, and only so, counts as recorded."""
    rows = changed(equal_pairs(), 2, change, gates=False, code=Reason.REQUEST_DRIFT)

    one = summary(rows, spec=ReplaySpec(changes=changes))

    assert one.differing == ()
    assert one.first is None


MINI = ReplaySpec(changes=Changes(model="mini"))


def test_a_provider_that_fails_after_an_asked_change_is_to_blame_for_it():
    """A model that is not there is no request that drifted."""
    model = Change("request.model", "changed", "gpt-5.2", "mini")
    error = Change("error", "added", None, {"type": "llm_error", "message": "HTTP 404"})
    answer = Change("output.content", "removed", "yes", None)
    drift = {"code": Reason.REQUEST_DRIFT, "cause": Cause.REQUEST_DRIFT}
    rows = changed(equal_pairs(), 8, model, error, answer, gates=False, **drift)

    (row,) = summary(rows, spec=MINI).differing

    assert (row.code, row.cause) == (Reason.INFRA, None)


def test_how_often_a_live_llm_is_asked_is_its_own_doing():
    """It asks for one tool more: the code has not changed."""
    rows = [*equal_pairs(), StepPair("extra", None, llm(), cause=Cause.CODE_DRIFT)]

    (row,) = summary(rows, spec=MINI).differing

    assert row.cause is Cause.MODEL_DRIFT


def test_what_gates_stands_in_the_headline_where_steps_do_not():
    """A red verdict says why, and what it rests on comes last."""
    change = Change("input.arguments.amount", "changed", 19.9, 25.0)
    miss = Finding(Reason.CACHE_MISS, "no recorded result for refund", step=6)
    taint = Finding(Reason.CACHE_INEXACT, "lookup_order got another result", gates=False)

    one = summary(changed(equal_pairs(), 6, change, gates=False), findings=(miss, taint), spec=MINI)

    assert one.headline == "1 step changed, cache miss, tainted by 1 inexact result"


def test_what_could_not_be_measured_stands_in_the_headline():
    """An outcome that holds because nobody could tell is no outcome that holds."""
    answer = Change("output.content", "changed", "All done.", "No idea.")
    checks = (Check("status", "pass"), Check("final_message", "unmeasured"))

    one = summary(changed(equal_pairs(), 8, answer, gates=False), checks=checks, spec=MINI)

    assert one.headline == "outcome holds, 1 step changed, 1 check unmeasured"


def test_an_answer_that_differs_after_an_asked_change_is_the_models_doing():
    """The cause is what the LLM said, not the request that was meant to change."""
    model = Change("request.model", "changed", "gpt-5.2", "mini")
    answer = Change("output.content", "changed", "yes", "no")
    rows = changed(
        equal_pairs(),
        8,
        model,
        answer,
        gates=False,
        cause=Cause.REQUEST_DRIFT,
        code=Reason.REQUEST_DRIFT,
    )

    row = summary(rows, spec=ReplaySpec(changes=Changes(model="mini"))).rows[7]

    assert row.changes == (answer,)
    assert row.cause is Cause.MODEL_DRIFT
    assert row.code is Reason.STEP_CHANGED


def test_a_row_that_gates_is_never_explained_away():
    """Where the golden insists on its steps, a change that was asked for counts too."""
    model = Change("request.model", "changed", "gpt-5.2", "mini")

    one = summary(changed(equal_pairs(), 2, model), spec=ReplaySpec(changes=Changes(model="mini")))

    assert one.verdict == "fail"
    assert one.rows[1].changes == (model,)


@pytest.mark.parametrize(
    ("one", "headline"),
    [
        (summary(), "9 steps as recorded"),
        (summary(without(3, 4)), "2 steps missing"),
        (summary(changed(without(3), 8, DRIFT)), "1 step changed, 1 missing"),
        (summary(checks=(Check("status", "fail"),)), "1 check failed"),
        (summary(changed(equal_pairs(), 2, DRIFT, gates=False)), "outcome holds, 1 step changed"),
        (summary(findings=(Finding(Reason.CACHE_MISS, "no"),) * 2), "2x cache miss"),
        (summary(changed(equal_pairs(), 2, DRIFT, follows=1)), "9 steps as recorded"),
    ],
    ids=["equal", "missing", "mixed", "check", "advisory", "journal", "follower"],
)
def test_the_headline_counts_each_difference_once(one, headline):
    """Followers are not counted: their cause is."""
    assert one.headline == headline


def test_the_failed_steps_check_is_not_counted_beside_its_rows():
    """The rows are the steps check, told in full."""
    checks = (Check("steps", "fail", "exact", message="1 of 9 steps differ"),)

    one = summary(changed(equal_pairs(), 2, DRIFT), checks=checks)

    assert one.headline == "1 step changed"


def test_what_the_replay_changed_is_described():
    """Changes and fork as they were asked for."""
    spec = ReplaySpec(changes=Changes(model="mini", temperature=0), fork_from_step=5)

    assert summary(spec=spec).asked == "model=mini, temperature=0.0, fork from step 5"
