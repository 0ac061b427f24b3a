"""Steps and values in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from pytest_opswald.capture.codec import encode
from pytest_opswald.report.phrases import heading, literal, phrase
from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    Error,
    GuardrailEval,
    Handoff,
    HttpRecord,
    LlmCall,
    LlmInput,
    LlmOutput,
    Response,
    StateChange,
    StepError,
    ToolOutput,
    ToolRequest,
    ToolResult,
    ToolResultInput,
    UserInput,
)

ASKS = LlmInput(model="gpt-5.2")
LOOKUP = ToolRequest(function="lookup", arguments={"id": 42})


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (UserInput(message='Say "hi"\nnow'), r'"Say \"hi\"\nnow"'),
        (LlmCall(input=ASKS, output=LlmOutput(content="Hi.")), 'gpt-5.2 "Hi."'),
        (LlmCall(input=ASKS, output=LlmOutput(tool_calls=(LOOKUP,))), "gpt-5.2 → lookup(id=42)"),
        (LlmCall(input=ASKS, output=LlmOutput(refusal="No.")), 'gpt-5.2 "No."'),
        (
            LlmCall(input=ASKS, error=StepError(type="llm_error", message="busy\nlater")),
            "gpt-5.2 ✗ llm_error: busy",
        ),
        (
            ToolResult(input=ToolResultInput(tool="f"), output=ToolOutput(result=[1])),
            "f = [1]",
        ),
        (
            ToolResult(
                input=ToolResultInput(tool="f"), output=ToolOutput(error=encode(ValueError("no")))
            ),
            'f raised ValueError("no")',
        ),
        (Decision(output={"decision_kind": "route", "decision": "billing"}), 'route: "billing"'),
        (Handoff(input={"from_agent": "triage", "to_agent": "billing"}), "triage → billing"),
        (GuardrailEval(input={"guardrail": "pii"}, output={"blocked": True}), "pii blocked"),
        (StateChange(input={"key": "cart", "old": 1}, output={"new": 2}), "cart: 1 → 2"),
        (Error(error=StepError(type="timeout", message="30 s")), "timeout: 30 s"),
        (Response(message="Done."), '"Done."'),
        (Response(structured_output={"ok": True}), '{"ok": true}'),
        (Custom(name="rank", input=[1], output=2), "rank [1] → 2"),
        (
            Custom(http=HttpRecord(format="http", url="https://api.example/v1/embeddings")),
            "POST https://api.example/v1/embeddings → 200",
        ),
    ],
    ids=lambda value: getattr(value, "type", None),
)
def test_every_step_has_a_phrase(step, said):
    """One line that says what happened."""
    assert phrase(step) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("1.20"), 'decimal("1.20")'),
        (dt.date(2026, 11, 21), 'date("2026-11-21")'),
        (KeyError("x"), 'KeyError("x")'),
        ({"a": [1.5, None, "é"]}, '{"a": [1.5, null, "é"]}'),
    ],
    ids=["decimal", "date", "exception", "json"],
)
def test_a_value_is_one_line_in_the_form_one_would_write(value, said):
    """Typed values read as their constructor."""
    assert literal(encode(value)) == said


def test_what_could_break_a_line_or_a_file_is_escaped():
    """Line separators, controls and halves of characters never get out."""
    assert literal("half \ud800, line\u2028\x85") == r'"half \ud800, line\u2028\u0085"'


def test_a_heading_names_the_kind_and_the_subject():
    """Enough to find the step again."""
    assert heading(LlmCall(input=ASKS)) == "llm_call gpt-5.2"
    assert heading(UserInput(message="hi")) == "user_input"
