"""The canonical order of what happened at once.

Steps stand in the order they began. What was in flight together forms a group; where chance
decided who of a group came first (several threads, or clients that await something before they
send), what they asked decides instead, but nothing comes before what it followed: the same run
gives the same file, and two agents that run side by side each tell their story in order. Tools
that were set off together and run by threads are a group whether they overlapped or not, in the
order in which they were asked for.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pytest_opswald.engine.arrivals import Shown
from pytest_opswald.engine.batches import Batch, Read, at_once, batches
from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.engine.turns import Grouped
from pytest_opswald.trace.volatile import canonical

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Placed:
    """An event at its place, with its group when it has company."""

    event: Event
    group: int | None = None
    """Index of the group among its siblings' groups, from 0."""
    arrival: int | None = None
    """Place of its answer among those of its group, from 1."""


def placed(
    siblings: Sequence[Event], read: Read, *, within: ToolEvent | None = None
) -> list[Placed]:
    """Events of one parent in canonical order; `read` gives the step of an exchange.

    `within` is that parent, None for what no tool did.
    """
    siblings = sorted(siblings, key=lambda event: event.began_ns)
    shown = Shown(siblings, read, within)
    together = batches(siblings, read)
    order: list[Placed] = []
    groups = 0
    for cluster in _clusters(siblings, [batch for batch in together if batch.is_raced]):
        calls = [event for event in cluster if not isinstance(event, NoteEvent)]
        if len(calls) < 2:
            order += [Placed(event) for event in cluster]
            continue
        inside = [batch for batch in together if {*calls}.issuperset(batch.events)]
        raced = [batch for batch in inside if batch.is_raced]
        if raced or _by_chance(calls):
            cluster = _by_content(cluster, raced)
        cluster = _as_recorded(cluster, lambda source: source.step_number)
        ended = shown.arrived(calls, [*inside, *at_once(cluster)])
        ended = _as_recorded(ended, lambda source: source.arrival or 0)
        arrivals = {event: place for place, event in enumerate(ended, start=1)}
        order += [
            Placed(event, groups, arrivals[event]) if event in arrivals else Placed(event)
            for event in cluster
        ]
        groups += 1
    return order


def _clusters(siblings: Sequence[Event], raced: Sequence[Batch]) -> list[list[Event]]:
    """Runs of events that raced: now, or when their answers were recorded."""
    last_ns: dict[Event, int] = {
        event: max(other.began_ns for other in batch.events)
        for batch in raced
        for event in batch.events
    }
    clusters: list[_Cluster] = []
    for event in siblings:
        if not clusters or not clusters[-1].takes(event):
            clusters.append(_Cluster())
        clusters[-1].add(event, open_until_ns=last_ns.get(event, 0))
    return [cluster.events for cluster in clusters]


class _Cluster:
    """Events that overlap, and what the threads of such a race do until another one steps in.

    The tasks of a pool may each wait for a free thread: the last of them then overlaps with none,
    and yet chance alone made it the last.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._busy_until: dict[int, int] = {}
        """By thread."""
        self._groups: set[int] = set()
        self._racing: set[int] = set()
        """Threads that had calls in flight at the same time."""
        self._open_until_ns = 0
        """When the last of a batch began."""

    def takes(self, event: Event) -> bool:
        overlaps = any(event.began_ns < until for until in self._busy_until.values())
        return (
            overlaps
            or event.began_ns <= self._open_until_ns
            or event.thread in self._racing
            or _recorded_group(event) in self._groups
        )

    def add(self, event: Event, *, open_until_ns: int) -> None:
        busy = {thread for thread, end in self._busy_until.items() if end > event.began_ns}
        if busy - {event.thread} and not isinstance(event, NoteEvent):
            self._racing |= {event.thread, *busy}
        self.events.append(event)
        known = self._busy_until.get(event.thread, 0)
        self._busy_until[event.thread] = max(known, event.busy_until_ns)
        self._open_until_ns = max(self._open_until_ns, open_until_ns)
        if (group := _recorded_group(event)) is not None:
            self._groups.add(group)


@dataclass(frozen=True, slots=True)
class _Unit:
    """An event, or a batch that threads ran: no part of it follows from another."""

    events: tuple[Event, ...]

    @property
    def began_ns(self) -> int:
        return min(event.began_ns for event in self.events)

    @property
    def ended_ns(self) -> int:
        """From then on something may have followed."""
        return min(event.busy_until_ns for event in self.events)


def _by_content(cluster: Sequence[Event], raced: Sequence[Batch]) -> list[Event]:
    """What was asked for decides among events none of which had ended when another began."""
    alone = {*cluster}.difference(*(batch.events for batch in raced))
    units = [*(_Unit((event,)) for event in cluster if event in alone)]
    units = sorted((*units, *(_Unit(batch.events) for batch in raced)), key=lambda u: u.began_ns)
    to_begin = deque(enumerate(units))
    to_end = deque(sorted(units, key=lambda unit: unit.ended_ns))
    ready: list[tuple[tuple[int, str], int, _Unit]] = []
    order: dict[_Unit, None] = {}
    while to_begin or ready:
        while to_end[0] in order:
            to_end.popleft()
        while to_begin and (not ready or to_begin[0][1].began_ns < to_end[0].ended_ns):
            place, unit = to_begin.popleft()
            heapq.heappush(ready, (_content(unit.events[0]), place, unit))
        order[heapq.heappop(ready)[2]] = None
    return [event for unit in order for event in unit.events]


def _as_recorded(events: Sequence[E], key: Callable[[Grouped], int]) -> list[E]:
    """Events that a golden answered change places until they stand as they do there."""
    answered = {event: key(source) for event in events if (source := _source(event))}
    in_order = iter(sorted(answered, key=answered.__getitem__))
    return [next(in_order) if event in answered else event for event in events]


def _source(event: Event) -> Grouped | None:
    return None if isinstance(event, NoteEvent) else event.source


def _recorded_group(event: Event) -> int | None:
    source = _source(event)
    return source.group if source else None


def _by_chance(calls: Sequence[Event]) -> bool:
    return len({call.thread for call in calls}) > 1 or any(
        isinstance(call, HttpEvent) for call in calls
    )


def _content(event: Event) -> tuple[int, str]:
    """What is told while calls are in flight comes after them."""
    match event:
        case HttpEvent(request=request):
            return 0, f"{request.method} {request.path} {request.body!r}"
        case ToolEvent(use=use):
            return 1, f"{use.name} {canonical(use.arguments)}"
        case NoteEvent(note=note):
            return 2, f"{note.type} {note.name} {canonical([note.input, note.output])}"
