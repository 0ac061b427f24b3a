"""What a person reads when a replay is judged: whole renderings, as they look."""

from __future__ import annotations

import pytest

from pytest_opswald.diff.difference import Change, Check, StepPair
from pytest_opswald.engine.result import Finding
from pytest_opswald.report.paper import columns
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import StepError
from pytest_opswald.trace.trace import Trace
from tests.report.refund import (
    FINAL,
    PROMPT,
    RECORDED,
    as_recorded,
    changed,
    drawn,
    equal_pairs,
    llm,
    refund_steps,
    summary,
    wants,
    without,
)

DRIFT = {"code": Reason.REQUEST_DRIFT, "cause": Cause.REQUEST_DRIFT}


def prompt_change():
    terse = PROMPT.replace("helpful", "terse")
    change = Change("request.messages[0].content", "changed", PROMPT, terse)
    rows = changed(equal_pairs(), 2, change, **DRIFT)
    for later in (5, 8):
        rows = changed(rows, later, change, follows=2, **DRIFT)
    return summary(rows)


def changed_amount():
    run = Trace.of(refund_steps(amount=25.0))
    change = Change("input.arguments.amount", "changed", 19.9, 25.0)
    rows = changed(equal_pairs(run), 6, change, code=Reason.ARG_CHANGED, cause=Cause.CODE_DRIFT)
    checks = (
        Check("status", "pass", "completed", "completed"),
        Check("final_message", "fail", FINAL, FINAL.replace("19.90", "25.00")),
        Check("budgets.tokens", "fail", 1200, 1290, Reason.BUDGET_EXCEEDED),
    )
    return summary(rows, checks=checks, run=run)


def model_swap():
    run = Trace.of(refund_steps(final=f"Done. {FINAL}", model="gpt-5.2-mini"))
    model = Change("request.model", "changed", "gpt-5.2", "gpt-5.2-mini")
    answer = Change("output.content", "changed", FINAL, f"Done. {FINAL}")
    rows = equal_pairs(run)
    for number, changes in ((2, (model,)), (5, (model,)), (8, (model, answer))):
        rows = changed(rows, number, *changes, gates=False, **DRIFT)
    advice = "other words, the same facts"
    checks = (Check("final_message", "advisory", FINAL, f"Done. {FINAL}", message=advice),)
    return summary(rows, checks=checks, run=run, spec=ReplaySpec(changes={"model": "gpt-5.2-mini"}))


def refused_call():
    told = "no recorded answer for LLM call 3 of test_refund"
    asked_more = llm(calls=wants("lookup_order", order_id=43)).model_copy(
        update={"status": "error", "error": StepError(type="llm_error", message=f"{told}\nasked …")}
    )
    steps = refund_steps()
    run = Trace.of([*steps[:7], asked_more, *steps[7:]])
    rows = [
        *as_recorded(RECORDED.steps[:7], run.steps[:7]),
        StepPair("extra", None, run.steps[7], code=Reason.STEP_EXTRA, gates=True),
        *as_recorded(RECORDED.steps[7:], run.steps[8:]),
    ]
    finding = Finding(
        Reason.REQUEST_DRIFT,
        told,
        (
            "asked     gpt-5.2 · /v1/chat/completions",
            "recorded  step 8 · gpt-5.2 · one message fewer",
            "record it again:  pytest tests/test_refund.py::test_refund --opswald-record=all",
        ),
    )
    return summary(rows, findings=(finding,), run=run)


def test_a_prompt_change_is_one_line_and_told_once():
    """One edited word of the prompt is shown within its line; later requests are folded."""
    text = drawn(prompt_change())

    assert (
        text
        == """
✗ test_refund differs from its golden: 1 step changed

first divergence: step 2 llm_call gpt-5.2 — request drift
  messages[0].content (system): You are a [helpful → terse] support agent. …

steps  golden → run
  1 = user_input  "Refund order 42"
  2 ~ llm_call    gpt-5.2 messages[0].content [helpful → terse]
  3 = tool_call   lookup_order(order_id=42)
  ⋮ 4 equal steps, 2 that differ only because of step 2

accept this run:  pytest tests/test_refund.py::test_refund --opswald-record=all
"""
    )


def test_changed_arguments_stand_within_their_call_and_failed_checks_within_the_outcome():
    """What was and what is, first in full, then at its place in the run."""
    text = drawn(changed_amount())

    assert (
        text
        == """
✗ test_refund differs from its golden: 1 step changed, 2 checks failed

first divergence: step 6 tool_call refund — code drift
  - amount = 19.9
  + amount = 25.0

outcome             expected  actual
  ✓ status          completed
  ✗ final_message   I refunded [19.90 → 25.00] EUR for order 42 to your card.
  ✗ budgets.tokens  1200      1290

steps  golden → run
  ⋮ 4 equal steps
  5 = llm_call     gpt-5.2 → refund(order_id=42, amount=25.0)
  6 ~ tool_call    refund(order_id=42, amount=[19.9 → 25.0])
  7 = tool_result  refund = "ok"
  ⋮ 2 equal steps

accept this run:  pytest tests/test_refund.py::test_refund --opswald-record=all
"""
    )


def test_a_missing_tool_call_leaves_a_gap_in_the_numbers_of_the_run():
    """Golden and run are numbered apart as soon as they part."""
    text = drawn(summary(without(3, 4, code=Reason.TOOL_MISSING, cause=Cause.CODE_DRIFT)))

    assert (
        text
        == """
✗ test_refund differs from its golden: 2 steps missing

first divergence: step 3 tool_call lookup_order — code drift
  recorded, but not in this run

steps  golden → run
  1 1 = user_input   "Refund order 42"
  2 2 = llm_call     gpt-5.2 → lookup_order(order_id=42)
  3   - tool_call    lookup_order(order_id=42)
  4   - tool_result  lookup_order = {"total": 19.9}
  5 3 = llm_call     gpt-5.2 → refund(order_id=42, amount=19.9)
    ⋮ 4 equal steps

accept this run:  pytest tests/test_refund.py::test_refund --opswald-record=all
"""
    )


def test_a_refused_call_names_the_nearest_recorded_steps_at_its_place():
    """The journal's finding stands at the step it is about, without repeating the command."""
    text = drawn(refused_call())

    assert (
        text
        == """
✗ test_refund differs from its golden: 1 step added

first divergence: step 8 llm_call gpt-5.2 — step extra
  no recorded answer for LLM call 3 of test_refund
    asked     gpt-5.2 · /v1/chat/completions
    recorded  step 8 · gpt-5.2 · one message fewer

steps  golden → run
      ⋮ 6 equal steps
   7  7 = tool_result  refund = "ok"
      8 + llm_call     gpt-5.2 → lookup_order(order_id=43) ✗ llm_error: no reco…
   8  9 = llm_call     gpt-5.2 "I refunded 19.90 EUR for order 42 to your card."
   9 10 = response     "I refunded 19.90 EUR for order 42 to your card."

accept this run:  pytest tests/test_refund.py::test_refund --opswald-record=all
"""
    )


def test_a_model_swap_shows_what_came_of_it_and_not_what_was_asked_for():
    """The model that was asked for is no difference; other words are advice, not failure."""
    text = drawn(model_swap())

    assert (
        text
        == """
✓ test_refund with model=gpt-5.2-mini: outcome holds, 1 step changed

first divergence: step 8 llm_call gpt-5.2 — model drift
  output.content: [+Done. ]I refunded 19.90 EUR for order 42 to your card.

outcome
  ~ final_message  [+Done. ]I refunded 19.90 EUR for order 42 to your card.
                   other words, the same facts

steps  golden → run
  ⋮ 6 equal steps
  7 = tool_result  refund = "ok"
  8 ~ llm_call     gpt-5.2 output.content [+Done. ]
  9 = response     "Done. I refunded 19.90 EUR for order 42 to your card."
"""
    )


def test_another_answer_of_the_llm_is_told_whole():
    """That it gave up calling a tool is one fact, not three leaves of JSON; both fit the row."""
    refuses = "I am sorry, I cannot refund an order that is older than thirty days."
    run = Trace.of([*refund_steps()[:4], llm(content=refuses), *refund_steps()[5:]])
    changes = (
        Change("output.content", "changed", None, refuses),
        Change("output.finish_reason", "changed", "tool_calls", "stop"),
        Change("output.tool_calls[0]", "removed", {"function": "refund"}),
    )
    rows = changed(equal_pairs(run), 5, *changes, cause=Cause.MODEL_DRIFT)
    checks = (Check("final_message", "fail", FINAL, refuses),)

    text = drawn(summary(rows, checks=checks, run=run))

    assert (
        """
first divergence: step 5 llm_call gpt-5.2 — model drift
  - answer = refund(order_id=42, amount=19.9)
  + answer = "I am sorry, I cannot refund an order that is older than thirty da…

outcome
  ✗ final_message  - "I refunded 19.90 EUR for order 42 to your card."
                   + "I am sorry, I cannot refund an order that is older than t…
"""
        in text
    )
    assert '\n  5 ~ llm_call     gpt-5.2 answer [refund(order_id=42, amount=… → "I am sorry' in text


def test_a_long_text_shows_its_changed_places_only():
    """Each changed place with a little around it; whole sentences that went are shown whole."""
    old = " ".join(f"Rule {n}: class {n} may go back within {n * 3} days." for n in range(1, 30))
    new = old.replace("class 7 may", "class 7 must").replace(
        "Rule 25: class 25 may go back within 75 days. ", ""
    )
    change = Change("output.result", "changed", old, new)

    text = drawn(summary(changed(equal_pairs(), 4, change, cause=Cause.TOOL_DRIFT)))

    assert (
        """
first divergence: step 4 tool_result lookup_order — tool drift
  output.result:
    … 18 days. Rule 7: class 7 [may → must] go back within 21 days. …
    … 72 days. [-Rule 25: class 25 may go back within 75 days. ]Rule 26: class …
"""
        in text
    )


def test_many_changed_places_are_shortened_until_v_asks_for_them():
    """A rewritten text does not bury the rest of the report."""
    old = "\n".join(f"Point {n} stays as it is and where it is." for n in range(40))
    change = Change("output.result", "changed", old, old.replace("stays", "remains"))
    one = summary(changed(equal_pairs(), 4, change))

    text, all_of_it = drawn(one), drawn(one, verbosity=1)

    assert "\n    … 30 more lines, shown by -v\n" in text
    assert text.count("[stays → remains]") == 10 + 1
    assert all_of_it.count("[stays → remains]") == 40 + 1


def test_a_final_message_that_is_not_there_is_a_dash():
    """Expected something, got nothing."""
    checks = (Check("final_message", "fail", "Refunded.", None, Reason.OUTPUT_MISMATCH),)

    assert drawn(summary(checks=checks)).splitlines()[3:5] == [
        "outcome            expected     actual",
        '  ✗ final_message  "Refunded."  —',
    ]


def test_a_moved_step_says_where_it_came():
    """A step at another place is one row with both numbers."""
    moved = StepPair(
        "moved",
        RECORDED.step(3),
        RECORDED.step(3).model_copy(update={"step_number": 6}),
        code=Reason.TOOL_ORDER,
        cause=Cause.CODE_DRIFT,
        gates=True,
    )

    text = drawn(summary([*equal_pairs()[:2], moved]))

    assert "first divergence: step 3 tool_call lookup_order — code drift\n" in text
    assert "\n  came as step 6 of this run\n" in text
    assert "\n  3 6 ⇅ tool_call   lookup_order(order_id=42)\n" in text


def test_a_run_as_recorded_takes_one_line():
    """Good news is short."""
    assert drawn(summary()) == "\n✓ test_refund: 9 steps as recorded\n"


def test_notices_are_told_even_when_the_run_passes():
    """What the user should read is not lost with the details."""
    text = drawn(summary(notices=("send_mail was called and nobody declared it",)))

    assert text.endswith("\n\nnote: send_mail was called and nobody declared it\n")


@pytest.mark.parametrize("build", [prompt_change, changed_amount, model_swap, refused_call])
def test_quiet_is_the_verdict_alone(build):
    """`-q` leaves one line a golden."""
    assert drawn(build(), verbosity=-1).count("\n") == 2


def test_verbose_shows_every_step():
    """`-v` folds nothing, not even what merely follows."""
    text = drawn(prompt_change(), verbosity=1)

    rows = text.partition("steps  golden → run\n")[2].partition("\n\n")[0].splitlines()
    assert [row.split()[0] for row in rows] == [str(number) for number in range(1, 10)]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("build", [prompt_change, changed_amount, model_swap, refused_call])
def test_nothing_but_the_command_is_wider_than_the_terminal(build, width):
    """Long lines are cut or wrapped; the command stays whole, to be copied."""
    lines = drawn(build(), width=width, verbosity=1).splitlines()

    assert [line for line in lines if columns(line) > width and "pytest " not in line] == []


def test_a_stream_that_knows_ascii_only_gets_ascii():
    """Arrows and marks have plain stand-ins, anything else is escaped."""
    text = drawn(model_swap(), encoding="ascii")

    assert text.isascii()
    assert "\nv test_refund with model=gpt-5.2-mini: outcome holds, 1 step changed\n" in text
    assert "\n  : 6 equal steps\n" in text


def test_colours_come_from_the_markup_that_is_given():
    """What was is red, what is is green, and no colour is cut by the width."""

    def tagged(text, **markup):
        return f"<{' '.join(markup)}>{text}</>"

    text = drawn(changed_amount(), markup=tagged, width=60)

    assert "<red>✗ </><bold>test_refund</> differs" in text
    assert "amount=[<red>19.9</><light> → </><green>25.0</>])" in text
    assert text.count("<red>") + text.count("<green>") <= text.count("</>")


def test_the_command_of_a_changed_replay_comes_after_the_agent():
    """A replay under a change cannot be accepted as it is: the agent has to change first."""
    failed = Check("status", "fail", "completed", "error", Reason.STATUS_CHANGED)
    one = summary(checks=(failed,), spec=ReplaySpec(changes=Changes(temperature=0)))

    assert drawn(one).endswith(
        "\nonce the agent itself has changed:  "
        "pytest tests/test_refund.py::test_refund --opswald-record=all\n"
    )


def test_what_an_llm_said_cannot_steer_the_terminal():
    """Control characters of recorded text are shown, not obeyed."""
    change = Change("output.content", "changed", "harmless", "\x1b[2J\u202egone\x07")

    text = drawn(summary(changed(equal_pairs(), 8, change)))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x07" not in text


def test_a_finding_without_a_row_is_the_first_divergence():
    """What only the journal knows is told all the same."""
    finding = Finding(
        Reason.INFRA, "mini does not accept temperature=0", ("the provider said: no",)
    )

    text = drawn(summary(findings=(finding,)))

    assert text.startswith(
        "\n✗ test_refund: provider error\n"
        "\nfirst divergence: provider error\n"
        "  mini does not accept temperature=0\n"
        "    the provider said: no\n"
    )


def test_a_verdict_that_is_too_long_for_a_line_is_not_cut_off():
    """What failed is what the line is for."""
    narrow = drawn(changed_amount(), width=60)

    assert narrow.splitlines()[1:3] == [
        "✗ test_refund differs from its golden:",
        "  1 step changed, 2 checks failed",
    ]
