"""The line at the end of a session."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from pytest_opswald.diff.difference import Check
from pytest_opswald.engine.result import Counts
from pytest_opswald.report.totals import Totals, session_line
from pytest_opswald.trace.grades import Spent
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import Tokens
from tests.report.refund import RECORDED, summary

SAVED = Tokens(input=800, output=60)


@pytest.mark.parametrize(
    ("totals", "line"),
    [
        (Totals(), ""),
        (
            Totals(passed=11, failed=1, llm_served=34, tokens_saved=51_200, usd_saved=0.41),
            "opswald: 12 goldens replayed (11 passed, 1 failed), 34 LLM calls served, 0 live, "
            "51,200 tokens and $0.41 not spent",
        ),
        (
            Totals(passed=1, llm_served=1, llm_live=1, tokens_spent=430),
            "opswald: 1 golden replayed (1 passed), 1 LLM call served, 1 live, 430 tokens spent",
        ),
        (Totals(recorded=3, unchanged=1), "opswald: 3 goldens recorded, 1 unchanged"),
        (Totals(unchanged=1), "opswald: 1 golden unchanged"),
        (
            Totals(recorded=1, tokens_spent=430, usd_spent=0.002),
            "opswald: 1 golden recorded, 430 tokens and $0.002 spent",
        ),
        (
            Totals(recorded=1, tokens_spent=430, usd_spent=0.002, unpriced=2),
            "opswald: 1 golden recorded, 430 tokens and $0.002 spent (2 calls of unknown price)",
        ),
    ],
    ids=["nothing", "replayed", "live", "recorded", "unchanged", "spent", "unpriced"],
)
def test_the_session_line_counts_goldens_calls_and_money(totals, line):
    """What was done, what was served, what it saved and what it cost."""
    assert session_line(totals) == line


def test_a_replay_counts_what_was_served_as_saved_and_the_rest_as_spent():
    """Of three calls two came from the golden and one was live."""
    counts = Counts(llm_served=2, llm_live=1, tokens_saved=SAVED, usd_saved=0.004)
    spec = ReplaySpec(changes=Changes(model="gpt-5.2"))

    totals = Totals.of_replay(summary(counts=counts, spec=spec))

    assert (totals.passed, totals.tokens_saved, totals.tokens_spent) == (1, 860, 430)
    assert totals.usd_spent == pytest.approx(0.002)


def test_grades_are_spent_on_top_of_the_run():
    """They are nobody's LLM calls, and somebody's money."""
    counts = Counts(llm_live=3, graded=Spent(tokens=100, usd=0.5, unpriced=1))

    totals = Totals.of_replay(summary(counts=counts))
    run = Totals.of_replay(summary(counts=Counts(llm_live=3)))

    assert totals.llm_live == 3
    assert totals.tokens_spent - run.tokens_spent == 100
    assert totals.usd_spent - run.usd_spent == pytest.approx(0.5)
    assert totals.unpriced - run.unpriced == 1


def test_an_offline_replay_spends_nothing():
    """Not even when a changed agent was served less than was recorded."""
    totals = Totals.of_replay(summary(counts=Counts(llm_served=2, tokens_saved=SAVED)))

    assert (totals.tokens_spent, totals.usd_spent) == (0, 0.0)


def test_totals_add_up_across_workers():
    """Workers send plain numbers; the sum is that of all of them."""
    failed = Totals.of_replay(summary(checks=(Check("status", "fail"),)))
    recorded = Totals.of_recording(RECORDED, unchanged=False)

    total = Totals(**asdict(failed)) + Totals(**asdict(recorded))

    assert (total.failed, total.recorded, total.tokens_spent) == (1, 1, 1290)
