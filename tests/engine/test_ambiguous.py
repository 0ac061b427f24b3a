"""Questions that a replay cannot tell apart are named when they are recorded."""

from __future__ import annotations

import pytest

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from tests.engine.runs import ask, later, recorder, say


def together(*texts: str, answers: tuple[str, ...]) -> tuple[str, ...]:
    """Notices of a recording whose calls were in flight at once."""
    engine = recorder()
    requests = [ask(text) for text in texts]
    for request in requests:
        engine.on_request(request)
    for request, text in zip(requests, answers, strict=True):
        engine.on_response(request, later(say(text)))
    return engine.finish().notices


def test_the_same_question_with_two_answers_is_named():
    """Which of them a replay gives to whom depends on who asks first."""
    [notice] = together("toss a coin", "toss a coin", answers=("heads", "tails"))

    assert notice.startswith("steps 2 and 3 ask one LLM the same at the same time")


@pytest.mark.parametrize(
    ("texts", "answers"),
    [
        (("toss a coin", "toss a coin"), ("heads", "heads")),
        (("toss a coin", "toss another"), ("heads", "tails")),
    ],
    ids=["one answer", "two questions"],
)
def test_what_can_be_told_apart_is_not_named(texts, answers):
    """Equal answers are interchangeable; different questions find their own."""
    assert together(*texts, answers=answers) == ()


def test_one_after_the_other_is_not_at_the_same_time():
    """Occurrences are counted: the second question gets the second answer."""
    engine = recorder()
    for text in ("heads", "tails"):
        request = ask("toss a coin")
        engine.on_request(request)
        engine.on_response(request, later(say(text)))

    assert engine.finish().notices == ()


def test_tools_are_named_too():
    """Two equal tool calls at once, with different results."""
    engine = recorder()
    uses = [ToolUse("toss", {"coin": 1}) for _ in range(2)]
    for use in uses:
        engine.on_tool_call(use)
    for number, use in enumerate(uses):
        engine.on_tool_result(use, ToolOutcome(value=number, ended_ns=10**18 + number))

    [notice] = engine.finish().notices
    assert "ask tool toss the same" in notice
