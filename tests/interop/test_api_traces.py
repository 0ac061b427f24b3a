"""Our traces as the API's, and the API's as ours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.api.steps import Step as ApiStep
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.errors import NotReplayable
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.interop.sending import to_api
from pytest_opswald.playback import play
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden, suggested_outcome

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("**/goldens/*.json"))
ASKED = {"role": "user", "content": "Analyse this sales report"}
PRODUCTION = (
    {"type": "user_input", "input": {"message": "Analyse this sales report"}},
    {
        "type": "llm_call",
        "input": {"model": "gpt-4o", "messages": [ASKED], "temperature": 0.1},
        "output": {
            "content": "I read the file first.",
            "tool_calls": [{"function": "read_file", "arguments": {"filename": "sales.csv"}}],
        },
        "tokens": {"input": 245, "output": 89},
    },
    {"type": "tool_call", "input": {"tool": "read_file", "arguments": {"filename": "sales.csv"}}},
    {"type": "tool_result", "input": {"tool": "read_file"}, "output": {"result": "1,2,3"}},
    {
        "type": "llm_call",
        "input": {
            "model": "gpt-4o",
            "messages": [
                ASKED,
                {
                    "role": "assistant",
                    "content": "I read the file first.",
                    "tool_calls": [
                        {"function": "read_file", "arguments": {"filename": "sales.csv"}}
                    ],
                },
                {"role": "tool", "content": "1,2,3"},
            ],
        },
        "output": {"content": "Revenue is 6."},
        "tokens": {"input": 300, "output": 9},
    },
    {"type": "response", "output": {"message": "Revenue is 6."}},
)


def stored(body: TraceBody) -> tuple[ApiStep, ...]:
    """The steps as a server shows them."""
    shown = []
    for number, step in enumerate(body.steps, 1):
        given = step.model_dump(mode="json", exclude_none=True)
        made = {"id": f"step_{number:03d}", "step_number": number, "timestamp": NOON}
        shown.append(ApiStep(**{**made, **given}))
    return tuple(shown)


def production(*steps: dict[str, Any]) -> tuple[ApiStep, ...]:
    return stored(TraceBody(started_at=NOON, steps=steps or PRODUCTION))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_golden_survives_the_api(path: Path) -> None:
    """A golden's trace comes back from the API as it went there, but for times and costs."""
    trace = files.load(path).trace
    apart = {"steps": {"__all__": {"timestamp", "duration_ms", "cost"}}}

    back = from_api(stored(to_api(trace, started_at=NOON)))

    assert back.model_dump(exclude=apart) == trace.model_dump(exclude=apart)


def test_production_trace_replays() -> None:
    """A trace that knows messages only becomes a golden that replays without a difference."""
    trace = from_api(production())
    golden = Golden(
        name="sales", test="sales", trace=trace, expected_outcome=suggested_outcome(trace)
    )

    played = play(golden)

    assert not played.verdict.failed
    assert trace.final_message == "Revenue is 6."
    assert trace.total_tokens.input == 545


def test_tool_results_get_the_ids_they_lack() -> None:
    """A tool's result answers the call before it, though the trace names no ids."""
    record = from_api(production()).llm_calls[1].http
    assert record is not None
    _, asked, told = record.request["messages"]

    assert told["tool_call_id"] == asked["tool_calls"][0]["id"]


def test_failed_llm_call_stays_failed() -> None:
    """An LLM call that failed in production fails in the golden with the same message."""
    failed = {**PRODUCTION[1], "error": {"type": "llm_error", "message": "overloaded"}}

    (call,) = from_api(production(failed)).llm_calls

    assert call.error is not None
    assert call.error.message == "overloaded"


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"type": "llm_call", "input": {"model": "gpt-4o"}}, "what the LLM was asked"),
        ({"type": "tool_call", "input": {}}, "step_001 (tool_call) is no step"),
    ],
    ids=["no messages", "no tool"],
)
def test_says_why_a_trace_cannot_be_replayed(step: dict[str, Any], says: str) -> None:
    """A trace that lacks what a replay needs is refused, with the step and the reason."""
    with pytest.raises(NotReplayable) as refusal:
        from_api(production(step))

    assert says in str(refusal.value)
