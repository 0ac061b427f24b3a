"""Tool calls that an agent set off together.

Those that one LLM answer asked for, and those that the code handed to threads at the same time.
Where threads run them, chance decides who begins first and whether any two overlap: it is left
out of account, and what was asked for first stands first.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_opswald.engine.asked_for import AskedFor, OpenCalls
from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.trace.steps import LlmCall, Step
from pytest_opswald.trace.volatile import canonical

TOGETHER_NS = 250_000_000
"""Work that was handed over within this time of each other was handed over at the same time.

A loaded machine may stop the thread that hands it over for as long.
"""

Call = HttpEvent | ToolEvent
Read = Callable[[HttpEvent], Step]
"""The step that an exchange makes."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Calls that were set off together, in the order in which they were."""

    events: tuple[Call, ...]
    call_ids: tuple[str | None, ...]
    """What an LLM called each of them; None when none did."""
    is_raced: bool
    """Whether threads ran them."""


def batches(siblings: Sequence[Event], read: Read) -> list[Batch]:
    """Every batch of two or more among events of one parent, given in the order they began."""
    tools = [event for event in siblings if isinstance(event, ToolEvent)]
    if len(tools) < 2:
        return []
    asked = _asked_for(siblings, read)
    turns: dict[HttpEvent, list[ToolEvent]] = defaultdict(list)
    for event, by in asked.items():
        turns[by.by].append(event)
    found = [_turn(by, events, asked) for by, events in turns.items()]
    found += [Batch(run, (None,) * len(run), True) for run in _handed_over(siblings, {*asked})]
    return [batch for batch in found if len(batch.events) > 1]


def at_once(race: Sequence[Event]) -> list[Batch]:
    """The exchanges of a race, when every one of them was in flight as the others were."""
    exchanges = tuple(event for event in race if isinstance(event, HttpEvent))
    if len(exchanges) < 2:
        return []
    last_began = max(exchange.began_ns for exchange in exchanges)
    if last_began >= min(exchange.busy_until_ns for exchange in exchanges):
        return []
    return [Batch(exchanges, (None,) * len(exchanges), False)]


def _asked_for(siblings: Sequence[Event], read: Read) -> dict[ToolEvent, AskedFor[HttpEvent]]:
    """Which tool calls LLMs asked for."""
    calls: OpenCalls[HttpEvent] = OpenCalls()
    asked: dict[ToolEvent, AskedFor[HttpEvent]] = {}
    unlike: list[ToolEvent] = []
    """Calls with other arguments than were asked for: they come last, whenever they began."""

    def settle() -> None:
        for event in sorted(unlike, key=lambda event: canonical(event.use.arguments)):
            use = event.use
            if found := calls.made(use.name, use.arguments, remote=use.is_remote):
                asked[event] = found
        unlike.clear()

    for event in siblings:
        match event:
            case HttpEvent():
                settle()
                step = read(event)
                if isinstance(step, LlmCall):
                    calls.add(step.output.tool_calls, event)
            case ToolEvent(use=use):
                if found := calls.just(use.name, use.arguments, remote=use.is_remote):
                    asked[event] = found
                else:
                    unlike.append(event)
    settle()
    return asked


def _turn(
    by: HttpEvent, events: list[ToolEvent], asked: dict[ToolEvent, AskedFor[HttpEvent]]
) -> Batch:
    events.sort(key=lambda event: asked[event].place)
    at_home = {by.thread, threading.main_thread().ident}
    raced = any(event.handed or event.thread not in at_home for event in events)
    return Batch(tuple(events), tuple(asked[event].request.id for event in events), raced)


def _handed_over(
    siblings: Sequence[Event], others: set[ToolEvent]
) -> Iterator[tuple[ToolEvent, ...]]:
    """Runs of tool calls that the code itself handed to threads at the same time."""
    runs: dict[int, list[ToolEvent]] = defaultdict(list)
    """By the thread that handed them over, until it does something else."""
    for event in siblings:
        if event.thread in runs and not isinstance(event, NoteEvent):
            yield tuple(runs.pop(event.thread))
        if not isinstance(event, ToolEvent) or not event.handed or event in others:
            continue
        run = runs[event.handed.by]
        if run and event.began_ns - run[-1].began_ns >= TOGETHER_NS:
            yield tuple(run)
            run.clear()
        run.append(event)
    yield from map(tuple, runs.values())
