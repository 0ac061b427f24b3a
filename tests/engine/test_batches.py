"""Tools that an agent sets off together are told the same way, whatever chance does to threads."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from pytest_opswald.capture.handed import Handed
from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.engine.arrivals import MOMENT_NS
from pytest_opswald.engine.assembly import Assembly
from pytest_opswald.engine.batches import TOGETHER_NS
from pytest_opswald.engine.tape import Event, HttpEvent, ToolEvent
from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.steps import ToolCall
from tests.engine.runs import CLOCK, ask, result, say

HOME = threading.get_ident()
CITIES = ["Rome", "Oslo", "Bonn"]
LATER = MOMENT_NS * 100


def exchange(request: Request, answer: Response, start: int) -> HttpEvent:
    return HttpEvent(request, request, start, HOME, answer=answer)


def asking() -> HttpEvent:
    """An answer that asks for the weather in three places."""
    calls = [(f"call_{n}", "weather", {"city": city}) for n, city in enumerate(CITIES)]
    return exchange(ask("Where is it warm?"), say(None, *calls), 0)


def telling(*places: int) -> HttpEvent:
    """The request that carries the results back, in this order."""
    told = [result(f"call_{n}", "warm") for n in places]
    return exchange(ask("Where is it warm?", tools=told), say("There."), LATER)


def weather(
    city: str, start: int, end: int, *, thread: int = 1, handed: int | None = None, value: Any = 20
) -> ToolEvent:
    use, outcome = ToolUse("weather", {"city": city}), ToolOutcome(value=value, ended_ns=end)
    by = None if handed is None else Handed(HOME, handed)
    return ToolEvent(use, start, thread, by, outcome)


def told(*events: Event) -> list[tuple[str, int | None, int | None]]:
    """City, group and arrival of each tool call."""
    seen = sorted(events, key=lambda event: event.started_ns)
    steps = Assembly(CLOCK, lambda call: None).trace(seen).steps
    return [
        (step.input.arguments["city"], step.group, step.arrival)
        for step in steps
        if isinstance(step, ToolCall)
    ]


ONE, TWO, THREE = (10, 12), (13, 15), (16, 18)


@pytest.mark.parametrize("times", list(itertools.permutations([ONE, TWO, THREE])), ids=str)
@pytest.mark.parametrize("thread", [(1, 2, 3), (1, 1, 1)], ids=["three threads", "one thread"])
def test_tools_of_a_turn_stand_in_the_order_in_which_the_model_asked(times, thread):
    """A pool may run them one after the other, in any order, or all at once."""
    tools = [weather(c, *t, thread=n) for c, t, n in zip(CITIES, times, thread, strict=True)]

    assert told(asking(), *tools, telling(0, 1, 2)) == [
        ("Rome", 1, 1),
        ("Oslo", 1, 2),
        ("Bonn", 1, 3),
    ]


def test_results_arrive_in_the_order_in_which_the_agent_tells_them():
    """It took them as they came, and came to know of the last one first."""
    tools = [weather(city, 10, 20 + n, thread=n) for n, city in enumerate(CITIES)]

    assert told(asking(), *tools, telling(2, 0, 1)) == [
        ("Rome", 1, 2),
        ("Oslo", 1, 3),
        ("Bonn", 1, 1),
    ]


def test_what_took_much_longer_arrives_later():
    """However the agent sorts its results for the model."""
    slow = weather("Rome", 10, 20 + MOMENT_NS, thread=1)
    tools = [slow, weather("Oslo", 11, 20, thread=2), weather("Bonn", 12, 19, thread=3)]

    assert told(asking(), *tools, telling(0, 1, 2)) == [
        ("Rome", 1, 3),
        ("Oslo", 1, 1),
        ("Bonn", 1, 2),
    ]


def test_tools_that_the_agent_runs_itself_one_by_one_are_alone():
    """The thread that asked the model, too, goes through the calls."""
    tools = [weather(c, *t, thread=HOME) for c, t in zip(CITIES, (TWO, ONE, THREE), strict=True)]

    order = told(asking(), *tools, telling(0, 1, 2))

    assert order == [("Oslo", None, None), ("Rome", None, None), ("Bonn", None, None)]


def test_work_handed_over_together_stands_in_the_order_in_which_it_was_handed_over():
    """No model asked for it; that one had ended before the next began was chance."""
    tools = [
        weather("Rome", 14, 15, thread=1, handed=1),
        weather("Oslo", 10, 11, thread=2, handed=2),
        weather("Bonn", 12, 13, thread=2, handed=3),
    ]

    assert [(city, group) for city, group, _ in told(*tools)] == [
        ("Rome", 1),
        ("Oslo", 1),
        ("Bonn", 1),
    ]


def test_work_handed_over_later_is_not_the_same_race():
    """The code waited for the first before it went on."""
    later = TOGETHER_NS + 20
    tools = [
        weather("Rome", 10, 11, handed=1),
        weather("Oslo", later + 1, later + 2, handed=later),
    ]

    assert told(*tools) == [("Rome", None, None), ("Oslo", None, None)]


QUOTES = {
    "text": (["sunny", "rainy", "dry"], "It is dry, then sunny, and rainy at last."),
    "json": ([{"t": 20}, {"t": 10}, {"t": 15}], '[{"t": 15}, {"t": 20}, {"t": 10}]'),
    "parts": ([{"is": "sunny"}, {"is": "rainy"}, {"is": "dry"}], "dry / sunny / rainy"),
    "what was asked": ([20, 20, 20], "Bonn 20, Rome 20, Oslo 20"),
}


@pytest.mark.parametrize(("values", "said"), QUOTES.values(), ids=QUOTES)
def test_quoted_results_arrive_in_the_order_in_which_they_are_quoted(values, said):
    """Whether the pool ended them so or not."""
    tools = [
        weather(city, 10, 20 + n, thread=n, handed=n, value=value)
        for n, (city, value) in enumerate(zip(CITIES, values, strict=True), start=1)
    ]

    order = told(*tools, exchange(ask(said), say("Well."), LATER))

    assert order == [("Rome", 1, 2), ("Oslo", 1, 3), ("Bonn", 1, 1)]


@pytest.mark.parametrize("said", ["sunny or dry?", "sunny, rainy, dry: is it sunny?"], ids=str)
def test_results_arrive_as_they_came_where_the_agent_shows_no_order(said):
    """Some are not quoted, or one stands across the others."""
    tools = [
        weather(city, 10, 20 - n, thread=n, handed=n, value=value)
        for n, (city, value) in enumerate(zip(CITIES, ["sunny", "rainy", "dry"], strict=True), 1)
    ]

    order = told(*tools, exchange(ask(said), say("Well."), LATER))

    assert order == [("Rome", 1, 3), ("Oslo", 1, 2), ("Bonn", 1, 1)]


def test_a_call_whose_arguments_the_code_changed_is_still_the_one_that_was_asked_for():
    """Typed arguments, defaults, other names: the likest counts."""
    typed = [weather({"$type": "enum", "name": city}, 10 + n, 20) for n, city in enumerate(CITIES)]  # type: ignore[arg-type]

    steps = Assembly(CLOCK, lambda call: None).trace([asking(), *reversed(typed)]).steps

    ids = {
        step.input.arguments["city"]["name"]: step.input.tool_call_id
        for step in steps
        if isinstance(step, ToolCall)
    }
    assert ids == {"Rome": "call_0", "Oslo": "call_1", "Bonn": "call_2"}
