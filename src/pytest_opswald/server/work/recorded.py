"""Traces that a golden test or a replay may rely on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pytest_opswald.api.steps import Step
from pytest_opswald.errors import NotReplayable
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.server.problems import invalid
from pytest_opswald.server.storage import snapshots, traces
from pytest_opswald.server.storage.projects import Project
from pytest_opswald.server.storage.snapshots import Taken
from pytest_opswald.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Recorded:
    """A trace that can be replayed."""

    trace_id: str
    trace: Trace
    snapshot: Taken


def recorded(connection: Connection, project: Project, trace_id: str) -> Recorded:
    """Raises ApiProblem when there is none, it still runs, or it does not say what was asked."""
    opened = traces.opened(connection, project, trace_id)
    if opened.row.status == "running":
        raise _unusable(f"{trace_id} is still running", "a trace that has ended")
    steps = tuple(opened.steps())
    return Recorded(
        trace_id, replayable(trace_id, steps), snapshots.taken(project, steps, opened.row.cost)
    )


def replayable(trace_id: str, steps: tuple[Step, ...]) -> Trace:
    """The trace as one of ours. Raises ApiProblem with the reason when it cannot be."""
    try:
        return from_api(steps)
    except NotReplayable as reason:
        raise _unusable(f"{trace_id} cannot be replayed: {reason}", _WHOLE) from None


def _unusable(message: str, expected: str) -> Exception:
    return invalid(message, field="trace_id", expected=expected)


_WHOLE = "a trace whose LLM calls hold their messages"
