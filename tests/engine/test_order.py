"""The canonical order of what happened at once."""

from __future__ import annotations

import itertools

import pytest

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.engine.arrivals import MOMENT_NS
from pytest_opswald.engine.order import placed
from pytest_opswald.engine.tape import Event, HttpEvent, ToolEvent
from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.steps import Custom, HttpRecord, Step


def call(text: str, start: int, end: int, *, thread: int = 1) -> HttpEvent:
    request = Request("POST", "https://api.openai.com/v1/chat/completions", (), text.encode())
    answer = Response(200, (), (), arrived_ns=end, ended_ns=end)
    return HttpEvent(request, request, start, thread, answer=answer)


def tool(name: str, start: int, end: int, value: object = None) -> ToolEvent:
    return ToolEvent(ToolUse(name, {}), start, 1, outcome=ToolOutcome(value=value, ended_ns=end))


def step_of(event: HttpEvent) -> Step:
    return Custom(http=HttpRecord(format="http", url=event.request.url, text=f"at {event.answer}"))


def told(*events: Event) -> list[tuple[str, int | None, int | None]]:
    """Text, group and arrival of each."""
    return [
        (
            place.event.request.body.decode()
            if isinstance(place.event, HttpEvent)
            else place.event.use.name,
            place.group,
            place.arrival,
        )
        for place in placed(sorted(events, key=lambda event: event.started_ns), step_of)
    ]


@pytest.mark.parametrize("starts", list(itertools.permutations([1, 2, 3])), ids=str)
def test_calls_in_flight_together_stand_in_the_order_of_what_they_ask(starts):
    """Whichever the scheduler began first, the file is the same."""
    events = [
        call(text, start, 10 + n) for n, (text, start) in enumerate(zip("abc", starts, strict=True))
    ]

    assert told(*events) == [("a", 0, 1), ("b", 0, 2), ("c", 0, 3)]


def test_nothing_stands_before_what_it_followed():
    """Two agents side by side: each asks, uses a tool and asks again."""
    one = [call("z asks", 1, 10), tool("z tool", 11, 12), call("y goes on", 13, 20)]
    other = [call("m asks", 2, 9), tool("m tool", 10, 11), call("a goes on", 14, 21)]

    order = [text for text, _, _ in told(*one, *other)]

    assert order == ["m asks", "z asks", "m tool", "z tool", "a goes on", "y goes on"]


def test_equal_questions_stand_in_the_order_they_began():
    """So a replay, which gives equal questions their answers in turn, gives the same ones."""
    ends = [3 * MOMENT_NS, 2 * MOMENT_NS, MOMENT_NS]
    events = [call("same", start, end) for start, end in enumerate(ends, start=1)]

    assert told(*events) == [("same", 0, 3), ("same", 0, 2), ("same", 0, 1)]


def test_what_racing_threads_do_next_still_belongs_to_the_race():
    """A pool of two works off four tasks: that the last ones did not overlap was chance."""
    events = [
        call("a", 1, 10, thread=2),
        call("b", 2, 11, thread=3),
        call("d", 12, 14, thread=2),
        call("c", 15, 16, thread=3),
        call("e", 17, 18, thread=1),
    ]

    assert [group for _, group, _ in told(*events)] == [0, 0, 0, 0, None]


def test_threads_that_take_turns_do_not_race():
    """What one asks may follow from what the other heard."""
    events = [call("b", 1, 2, thread=2), call("a", 3, 4, thread=3), call("c", 5, 6, thread=2)]

    assert [text for text, _, _ in told(*events)] == ["b", "a", "c"]
    assert {group for _, group, _ in told(*events)} == {None}


def test_a_call_alone_has_no_group():
    """One after the other, nothing was in flight together."""
    assert told(call("b", 1, 2), call("a", 3, 4)) == [("b", None, None), ("a", None, None)]


def test_what_its_reader_does_between_the_items_of_a_generator_is_not_at_the_same_time():
    """The reader asks an LLM while the tool's generator is open."""
    items = {"$type": "generator", "items": [1, 2]}

    events = [tool("search", 1, 50, items), call("about 1", 10, 20), call("about 2", 30, 40)]

    assert [group for _, group, _ in told(*events)] == [None, None, None]
