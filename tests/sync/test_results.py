"""What a replay came to, as the result of a golden test."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_opswald.api.golden_tests import ResultBody
from pytest_opswald.diff.difference import Change, Check
from pytest_opswald.engine.result import Counts
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.sync.items import RunItem
from pytest_opswald.sync.results import result_of
from pytest_opswald.sync.session import SessionEnd
from pytest_opswald.sync.told import Told
from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import Tokens
from pytest_opswald.trace.trace import Trace
from tests.report.refund import (
    FINAL,
    RECORDED,
    changed,
    equal_pairs,
    refund_steps,
    summary,
    without,
)

STATUS = Check("status", "pass", expected=["completed", "error"], actual="completed")
MESSAGE = Check("final_message.contains", "fail", expected=["42"], actual=FINAL)


def told(name: str = "test_a", **changes: object) -> Told:
    return Told.of(
        name,
        Path("nowhere.json"),
        status="passed",
        seconds=1.5,
        changes=Changes.model_validate(changes),
        secrets=Secrets(),
    )


def test_an_equal_run_has_no_diff() -> None:
    """What is as recorded says how it ended and what it spent, and nothing else."""
    saved = Counts(tokens_saved=RECORDED.total_tokens, usd_saved=RECORDED.total_cost)

    result = ResultBody(test_id="test_1", status="passed", **result_of(summary(counts=saved)))

    assert result.diff is None
    assert result.actual
    assert (result.actual.status, result.actual.final_message) == ("completed", FINAL)
    assert (result.cost, result.tokens.input, result.tokens.output) == (0, 0, 0)


def test_live_calls_cost() -> None:
    """Only what was not served counts as spent."""
    saved = Counts(tokens_saved=Tokens(input=400, output=30), usd_saved=0.002)

    result = result_of(summary(counts=saved))

    assert result["cost"] == 0.004
    assert result["tokens"] == {"input": 800, "output": 60}


def test_differences_are_listed() -> None:
    """The diff names the steps and the expectations that differ, with both values."""
    change = Change("input.arguments.amount", "changed", 19.9, 25.0)
    run = Trace.of(refund_steps(amount=25.0))

    result = result_of(
        summary(changed(equal_pairs(run), 6, change), checks=(STATUS, MESSAGE), run=run)
    )

    diff = result["diff"]
    assert diff["first_divergent_step"] == 6
    assert diff["outcome"] == [
        {"path": "final_message.contains", "kind": "changed", "expected": ["42"], "actual": FINAL}
    ]
    assert diff["steps"] == [
        {
            "op": "changed",
            "golden_step": 6,
            "actual_step": 6,
            "type": "tool_call",
            "name": "refund",
            "changes": [
                {
                    "path": "input.arguments.amount",
                    "kind": "changed",
                    "expected": 19.9,
                    "actual": 25.0,
                }
            ],
        }
    ]
    assert result["expected"]["status"] == "completed or error"


def test_steps_that_are_missing() -> None:
    """A step of the golden that the run left out has no number in the run."""
    diff = result_of(summary(without(6, 7)))["diff"]

    steps = [(step["op"], step["golden_step"], step["actual_step"]) for step in diff["steps"]]
    assert steps == [("missing", 6, None), ("missing", 7, None)]


def test_whole_steps_are_json() -> None:
    """Whatever a change holds can be sent."""
    one, other = refund_steps()[1], refund_steps(model="gpt-5")[1]
    rows = changed(equal_pairs(), 2, Change("output", "changed", one, {1: other, 2: {3}}))

    json.dumps(result_of(summary(rows)), allow_nan=False)


def test_errors_hold_no_secret() -> None:
    """What a test raised is told without what this session knows to be secret."""
    secrets = Secrets(environment=lambda: {"SHOP_API_KEY": "hunter2-correct-horse-battery"})

    said = Told.of(
        "test_a",
        Path("nowhere.json"),
        status="error",
        seconds=0,
        problem=("ShopError", "refused: hunter2-correct-horse-battery"),
        secrets=secrets,
    )

    assert said.result
    assert said.result["error"]["type"] == "ShopError"
    assert "hunter2" not in json.dumps(said.plain())


def test_of_a_long_prompt_the_beginning_is_told(tmp_path: Path) -> None:
    """As much as a server takes, whatever it is made of."""
    end = SessionEnd(tmp_path)
    end.told += [told(system_prompt="\x01" * 300_000)]

    [item] = (waiting.item for waiting in end.keep(is_whole=True))

    assert isinstance(item, RunItem)
    assert item.modifications.system_prompt == "\x01" * 40_000


def test_tests_that_were_changed_alike_are_one_run(tmp_path: Path) -> None:
    """A run says what was changed, so tests with other changes are another run."""
    end = SessionEnd(tmp_path)
    end.told += [told("test_a"), told("test_b"), told("test_c", model="gpt-5", temperature=0)]

    items = [waiting.item for waiting in end.keep(is_whole=True)]

    runs = {tuple(item.results): item.modifications.model for item in items if item}  # type: ignore[union-attr]
    assert runs == {("test_a", "test_b"): None, ("test_c",): "gpt-5"}


def test_an_interrupted_session_speaks_for_what_it_did(tmp_path: Path) -> None:
    """Tests that were not reached are not told as errors when somebody stopped the session."""
    end = SessionEnd(tmp_path, run_id="run_1", tests={"test_a": "test_1", "test_b": "test_2"})
    end.told.append(told("test_a"))

    (some,) = (waiting.item for waiting in end.keep(is_whole=False))

    assert some
    assert [result.test_id for result in some.results] == ["test_1"]  # type: ignore[union-attr]


def test_a_temperature_that_was_taken_away_is_told(tmp_path: Path) -> None:
    """It is a change like any other."""
    end = SessionEnd(tmp_path)
    end.told += [told(temperature="none")]

    [item] = (waiting.item for waiting in end.keep(is_whole=True))

    assert isinstance(item, RunItem)
    assert item.modifications.temperature == "none"


def test_what_the_api_cannot_say_stays_here(tmp_path: Path) -> None:
    """With the reason; everything else is sent, and no verdict changes."""
    end = SessionEnd(tmp_path)
    end.told += [told("test_a", temperature=3), told("test_b")]

    [item] = (waiting.item for waiting in end.keep(is_whole=True))

    assert isinstance(item, RunItem)
    assert list(item.results) == ["test_b"]
    assert "1 result not sent: the API takes no such temperature" in end.unsaid[0]
