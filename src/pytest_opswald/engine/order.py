"""The canonical order of what happened at once.

Steps stand in the order they began. What was in flight together forms a group; where chance
decided who of a group came first (several threads, or clients that await something before they
send), its members are sorted by what they asked instead: the same run gives the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_opswald.engine.tape import Event, HttpEvent, NoteEvent, ToolEvent
from pytest_opswald.trace.volatile import canonical


@dataclass(frozen=True, slots=True)
class Placed:
    """An event at its place, with its group when it has company."""

    event: Event
    group: int | None = None
    """Index of the group among its siblings' groups, from 0."""
    arrival: int | None = None
    """Place of its answer among those of its group, from 1."""


def placed(siblings: Sequence[Event]) -> list[Placed]:
    """Events of one parent, given in the order they began, in canonical order."""
    order: list[Placed] = []
    groups = 0
    for cluster in _clusters(siblings):
        calls = [event for event in cluster if not isinstance(event, NoteEvent)]
        if len(calls) < 2:
            order += [Placed(event) for event in cluster]
            continue
        if _by_chance(calls):
            cluster = sorted(cluster, key=_content)
        arrivals = sorted(calls, key=lambda event: event.busy_until_ns)
        order += [
            Placed(event, groups, arrivals.index(event) + 1)
            if not isinstance(event, NoteEvent)
            else Placed(event)
            for event in cluster
        ]
        groups += 1
    return order


def _clusters(siblings: Sequence[Event]) -> list[list[Event]]:
    """Runs of events whose times overlap, now or when their answers were recorded."""
    clusters: list[list[Event]] = []
    until = -1
    for event in siblings:
        group = _recorded_group(event)
        before = {_recorded_group(other) for other in clusters[-1]} if clusters else set()
        if clusters and (event.started_ns < until or (group is not None and group in before)):
            clusters[-1].append(event)
        else:
            clusters.append([event])
        until = max(until, event.busy_until_ns)
    return clusters


def _recorded_group(event: Event) -> int | None:
    return event.source.group if not isinstance(event, NoteEvent) and event.source else None


def _by_chance(calls: Sequence[Event]) -> bool:
    return len({call.thread for call in calls}) > 1 or any(
        isinstance(call, HttpEvent) for call in calls
    )


def _content(event: Event) -> tuple[str, str]:
    match event:
        case HttpEvent(request=request):
            return "http", f"{request.method} {request.path} {request.body!r}"
        case ToolEvent(use=use):
            return "tool", f"{use.name} {canonical(use.arguments)}"
        case NoteEvent(note=note):
            return "note", f"{note.type} {note.name} {canonical([note.input, note.output])}"
