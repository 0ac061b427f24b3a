"""Answers that came in at about the same time, in the order in which the agent showed them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from pytest_opswald.capture.calls import ABANDONED
from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.engine.arrivals import MOMENT_NS
from pytest_opswald.engine.assembly import Assembly
from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.exchange import Failure
from pytest_opswald.trace.steps import LlmCall
from tests.engine.runs import CLOCK, ask, say

CAPITALS = {"Italy": "Rome", "Norway": "Oslo", "Spain": "Madrid"}
LATER = MOMENT_NS * 100


def gathered(
    *ends: int, answers: Iterable[str] = CAPITALS.values(), within: ToolUse | None = None
) -> list[Event]:
    """Three questions in flight together; when each answer came in, in nanoseconds."""
    asked = [replace(ask(country), parent=within) for country in CAPITALS]
    return [
        HttpEvent(request, request, 1 + n, 1, answer=say(answer, at_ns=end))
        for n, (request, answer, end) in enumerate(zip(asked, answers, ends, strict=True))
    ]


def asking(text: str, after: int = 0) -> Event:
    request = ask(text)
    return HttpEvent(request, request, LATER + after, 1, answer=say("Fine.", at_ns=LATER + 50))


def noting(kind: str, output: dict[str, object]) -> Event:
    return NoteEvent(Note(kind, output=output), LATER, 1)


def running(**arguments: object) -> Event:
    return ToolEvent(ToolUse("visit", arguments), LATER, 1, outcome=ToolOutcome(ended_ns=LATER + 1))


def arrivals(events: list[Event]) -> list[int | None]:
    """Of the answers for Italy, Norway and Spain."""
    steps = Assembly(CLOCK, lambda call: None).trace(events).steps
    calls = [step for step in steps if isinstance(step, LlmCall)]
    told = {call.input.messages[-1].content: call.arrival for call in calls}
    return [told[country] for country in CAPITALS]


@pytest.mark.parametrize("ends", list(itertools.permutations([101, 102, 103])), ids=str)
def test_what_nothing_shows_is_left_to_the_file(ends):
    """Which answer was there first is chance: the next call is about something else."""
    assert arrivals([*gathered(*ends), asking("Find a title.")]) == [1, 2, 3]


SHOWN = {
    "a later call": [asking("Find a title."), asking("Go to Madrid, Rome, Oslo", after=100)],
    "calls one by one": [asking("Madrid?"), asking("Rome?", 100), asking("Oslo?", 200)],
    "names of what was asked": [asking("Spain, Italy, Norway")],
    "a response": [noting("response", {"structured_output": ["Madrid", "Rome", "Oslo"]})],
    "a decision": [noting("decision", {"decision": "Madrid, Rome, Oslo"})],
    "a tool": [running(cities=["Madrid", "Rome", "Oslo"])],
}


@pytest.mark.parametrize("ends", [(101, 102, 103), (103, 101, 102)], ids=str)
@pytest.mark.parametrize("later", SHOWN.values(), ids=SHOWN)
def test_the_first_to_show_an_order_decides(later, ends):
    """Whatever it is that the agent tells its answers to."""
    assert arrivals([*gathered(*ends), *later]) == [2, 3, 1]


def test_equal_answers_arrive_as_often_as_they_are_shown():
    """Which of them was which makes no difference."""
    events = gathered(101, 102, 103, answers=("warm", "cold", "warm"))

    assert arrivals([*events, asking("labels: warm, warm, cold")]) == [1, 3, 2]


@pytest.mark.parametrize(
    "answers",
    [("Rome", "Oslo", "Madrid"), ('{"at": 7}', '{"at": 9}', '{"at": 8}')],
    ids=["one of them", "what code reads out of them"],
)
def test_answers_of_which_something_is_shown_arrive_as_they_came(answers):
    """The agent may have gone by the order: a replay has to bring it about again."""
    events = gathered(103, 102, 101, answers=answers)

    assert arrivals([*events, asking("Is it Oslo, at 9?")]) == [3, 2, 1]


def test_where_a_call_was_given_up_answers_arrive_as_they_came():
    """Those that had come before were enough for the agent."""
    italy, norway, spain = gathered(102, 101, 103)
    assert isinstance(spain, HttpEvent)
    spain.answer = Failure(ABANDONED, "", 103, 103)

    assert arrivals([italy, norway, spain, asking("Go on.")])[:2] == [2, 1]


def test_what_a_tool_gives_back_shows_the_order_of_its_own_calls():
    """An agent within an agent takes its answers as they come."""
    use = ToolUse("capitals", {})
    outcome = ToolOutcome(value=["Madrid", "Rome", "Oslo"], ended_ns=200)
    tool = ToolEvent(use, 0, 1, outcome=outcome)

    assert arrivals([tool, *gathered(101, 102, 103, within=use)]) == [2, 3, 1]
