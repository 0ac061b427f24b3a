"""`pytest-opswald show`."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from pytest_opswald.cli import main
from pytest_opswald.store import timings
from pytest_opswald.trace.trace import Trace
from tests.report.refund import FINAL, RECORDED


@pytest.mark.usefixtures("folder")
def test_show_prints_a_golden_as_a_timeline(capsys):
    """Head and steps, as plain text in a pipe."""
    code = main(["show", "recorded.json"])

    told = capsys.readouterr().out
    assert code == 0
    assert told.startswith("test_refund  tests/test_refund.py::test_refund\n  completed · 9 steps")
    assert told.endswith(f"\n  9 response\n      {FINAL}\n")


@pytest.mark.usefixtures("folder")
def test_show_takes_several_goldens(capsys):
    """One after the other."""
    main(["show", "recorded.json", "changed.json"])

    assert capsys.readouterr().out.count("tests/test_refund.py::test_refund\n") == 2


@pytest.mark.usefixtures("folder")
def test_show_json_is_the_same_for_every_provider(capsys):
    """Messages, answers and tool calls; nothing of what the wire said, nothing unknown."""
    main(["show", "recorded.json", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert told["final_message"] == FINAL
    assert told["total_tokens"]["input"] == 1200
    assert told["steps"][1]["id"] == "step_002"
    assert told["steps"][1]["output"]["tool_calls"][0]["function"] == "lookup_order"
    assert told["steps"][1].keys() == {
        "id", "step_number", "type", "cost", "status", "input", "output", "tokens",
    }  # fmt: skip


def test_show_tells_durations_where_they_are_kept(folder, capsys):
    """They are no part of the golden: a sidecar under the root directory knows them."""
    begin = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    timed = [
        step.model_copy(update={"timestamp": begin, "duration_ms": 820.0})
        for step in RECORDED.steps
    ]
    timings.save(folder, folder / "recorded.json", Trace(steps=tuple(timed)))

    main(["show", "recorded.json"])

    assert "$0.002 · 820 ms\n" in capsys.readouterr().out
