"""Steps told by hand have the shapes of the API, and never disturb the agent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pytest_opswald.capture import notes
from pytest_opswald.capture.handler import Note, activated
from pytest_opswald.capture.tools import tool
from pytest_opswald.engine.notes import step_of
from tests.capture.tool_handlers import ToolRecording

NOTES: dict[str, tuple[Callable[[], None], str, Any, Any]] = {
    "decision": (
        lambda: notes.decision(
            "route", "refund", options=("refund", "reject"), reasoning="paid twice", agent="desk"
        ),
        "decision",
        {"options": ["refund", "reject"]},
        {"decision_kind": "route", "decision": "refund", "reasoning": "paid twice"},
    ),
    "decision, briefly": (
        lambda: notes.decision("retry", False),
        "decision",
        {},
        {"decision_kind": "retry", "decision": False},
    ),
    "handoff": (
        lambda: notes.handoff("desk", "billing", reason="money", accepted=True),
        "handoff",
        {"from_agent": "desk", "to_agent": "billing", "reason": "money"},
        {"accepted": True},
    ),
    "guardrail": (
        lambda: notes.guardrail("pii", passed=False, content="a@b.c", score=0.9, reason="e-mail"),
        "guardrail_eval",
        {"guardrail": "pii", "content": "a@b.c"},
        {"passed": False, "blocked": True, "score": 0.9, "reason": "e-mail"},
    ),
    "guardrail that lets pass": (
        lambda: notes.guardrail("tone", passed=False, blocked=False),
        "guardrail_eval",
        {"guardrail": "tone"},
        {"passed": False, "blocked": False},
    ),
    "state": (
        lambda: notes.state("cart", {"sum": 3}, old=None),
        "state_change",
        {"key": "cart", "old": None},
        {"new": {"sum": 3}},
    ),
    "state without the old": (
        lambda: notes.state("cart", 1),
        "state_change",
        {"key": "cart"},
        {"new": 1},
    ),
    "step": (
        lambda: notes.step("rank", input=["a"], output={"best": date(2026, 1, 2)}),
        "custom",
        ["a"],
        {"best": {"$type": "date", "value": "2026-01-02"}},
    ),
    "message": (
        lambda: notes.respond("Refunded."),
        "response",
        {},
        {"message": "Refunded."},
    ),
    "value": (
        lambda: notes.respond({"refund": 42}),
        "response",
        {},
        {"message": None, "structured_output": {"refund": 42}},
    ),
}


@pytest.mark.parametrize(
    ("tell", "type_", "told", "made"),
    NOTES.values(),
    ids=[name.replace(" ", "_") for name in NOTES],
)
def test_note_has_the_shape_of_the_api(
    tell: Callable[[], None], type_: str, told: Any, made: Any
) -> None:
    """Only what was said is in the step, typed values encoded, and the engine takes it."""
    recording = ToolRecording()

    with activated(recording):
        tell()

    [note] = recording.notes
    assert (note.type, note.input, note.output) == (type_, told, made)
    assert step_of(note, {}).type == type_


@pytest.mark.parametrize(
    "tell", [tell for tell, *_ in NOTES.values()], ids=[name.replace(" ", "_") for name in NOTES]
)
def test_note_does_nothing_outside_a_run(tell: Callable[[], None]) -> None:
    """Production code may tell steps without anybody listening."""
    assert tell() is None  # type: ignore[func-returns-value]


def test_note_inside_a_tool_knows_it() -> None:
    """A step told by a tool hangs under it."""

    @tool
    def refund() -> None:
        notes.decision("route", "card")

    recording = ToolRecording()

    with activated(recording):
        refund()

    assert recording.notes[0].parent is recording.use


def test_note_that_cannot_be_kept_is_a_warning() -> None:
    """The agent goes on when the handler fails."""

    class Broken(ToolRecording):
        def on_note(self, note: Note) -> None:
            raise RuntimeError("disk full")

    broken = Broken()

    with activated(broken):
        notes.guardrail("pii", passed=True)

    assert broken.warnings == ["guardrail_eval pii was not recorded: RuntimeError('disk full')"]


def test_foreign_values_are_told_as_text() -> None:
    """Whatever a note is given, it is kept."""
    recording = ToolRecording()

    with activated(recording):
        notes.state("client", object())

    assert recording.notes[0].output["new"]["repr"] == "<object object at 0x…>"
