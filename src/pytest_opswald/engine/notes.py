"""Steps told by hand, as steps."""

from __future__ import annotations

from typing import Any

from pytest_opswald.capture.handler import Note
from pytest_opswald.trace import steps
from pytest_opswald.trace.steps import Step

_PLAIN = {
    "decision": steps.Decision,
    "handoff": steps.Handoff,
    "guardrail_eval": steps.GuardrailEval,
    "state_change": steps.StateChange,
    "custom": steps.Custom,
}


def step_of(note: Note, extra: dict[str, Any]) -> Step:
    """The step a note stands for. Raises KeyError for a type that is not told by hand."""
    if note.type == "response":
        return steps.Response(
            message=note.output.get("message", note.input.get("message")),
            structured_output=note.output.get(
                "structured_output", note.input.get("structured_output")
            ),
            **extra,
        )
    kind = _PLAIN[note.type]
    step: Step = kind(
        name=note.name, agent=note.agent, input=note.input, output=note.output, **extra
    )
    return step
