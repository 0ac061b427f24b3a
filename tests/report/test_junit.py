"""A summary as JUnit properties."""

from __future__ import annotations

import datetime as dt

import pytest

from pytest_opswald.diff.difference import Change
from pytest_opswald.engine.result import Counts, Finding
from pytest_opswald.report.junit import properties
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.trace import Trace
from tests.report.refund import RECORDED, changed, equal_pairs, summary


def test_a_failed_replay_says_what_and_where():
    """Everything a dashboard needs without parsing the failure text."""
    change = Change("input.arguments.amount", "changed", 19.9, 25.0)
    rows = changed(equal_pairs(), 6, change, code=Reason.ARG_CHANGED, cause=Cause.CODE_DRIFT)

    assert properties(summary(rows, counts=Counts(llm_served=3))) == [
        ("opswald.golden", "test_refund"),
        ("opswald.profile", "exact"),
        ("opswald.verdict", "fail"),
        ("opswald.reason_codes", "ARG_CHANGED"),
        ("opswald.first_divergence", "step 6 tool_call refund: code drift"),
        ("opswald.tokens", "1290"),
        ("opswald.cost_usd", "0.006"),
        ("opswald.llm_served", "3"),
        ("opswald.llm_live", "0"),
        ("opswald.source", "golden"),
    ]


def test_codes_of_the_journal_stand_beside_those_of_the_rows():
    """Distinct, and separated by commas."""
    findings = (Finding(Reason.CACHE_MISS, "no"), Finding(Reason.CACHE_MISS, "no again"))

    told = dict(properties(summary(findings=findings)))

    assert told["opswald.reason_codes"] == "CACHE_MISS"
    assert told["opswald.first_divergence"] == "cache miss"


@pytest.mark.parametrize(
    ("counts", "source"),
    [
        (Counts(llm_served=2), "golden"),
        (Counts(llm_served=1, llm_live=1), "mixed"),
        (Counts(llm_live=2), "live"),
    ],
    ids=["served", "both", "live"],
)
def test_the_source_says_where_answers_came_from(counts, source):
    """Golden, live or a mix of both."""
    assert dict(properties(summary(counts=counts)))["opswald.source"] == source


def test_the_duration_spans_the_run():
    """From the first step's start to the last end, whatever overlapped."""
    begin = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    timed = [
        step.model_copy(
            update={"timestamp": begin + dt.timedelta(milliseconds=100 * n), "duration_ms": 150.0}
        )
        for n, step in enumerate(RECORDED.steps)
    ]

    told = dict(properties(summary(run=Trace.of(timed))))

    assert told["opswald.duration_ms"] == "950"
