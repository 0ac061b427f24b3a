"""From the body of a trace to the rows it becomes, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from pytest_opswald.api.traces import TraceBody, TraceStatus
from pytest_opswald.server.database import units
from pytest_opswald.server.database.units import stamp
from pytest_opswald.server.problems import invalid

from . import payloads, steps
from .folding import encoded
from .opened import Opened
from .projects import Project
from .steps import Payload, Row


@dataclass(frozen=True, slots=True)
class TraceRows:
    """A trace ready to be stored."""

    trace: Row
    steps: list[Row]
    models: list[Row]
    """Calls and cost of each model, in order of first use."""
    tags: tuple[str, ...]
    said: list[Payload]
    payloads: payloads.Prepared
    """The same, ready to be stored."""
    problems: list[Row]
    """`{type, message, step}` of each step that failed."""

    def opened(self, project: Project) -> Opened:
        """The trace as it will be read."""
        skeletons = [SimpleNamespace(**row) for row in self.steps]
        return Opened(
            SimpleNamespace(**self.trace), skeletons, dict(enumerate(self.said, start=1)), project
        )


def rows_of(body: TraceBody, project: Project, *, trace_id: str, session_id: str) -> TraceRows:
    """Raises ApiProblem when its times make no sense."""
    skeletons = _skeletons(body)
    said = [steps.payload(step) for step in body.steps]
    models = _models(skeletons)
    status = body.status or _status(skeletons)
    tags = tuple(dict.fromkeys(body.tags))
    trace = {
        "id": trace_id,
        "session_id": session_id,
        "user_id": body.user_id,
        "name": body.name,
        "started_at": stamp(body.started_at),
        "ended_at": _ended_at(body, status, skeletons),
        "status": status,
        "steps": len(skeletons),
        "errors": sum(row["failed"] for row in skeletons),
        "models": encoded([row["model"] for row in models]).decode(),
        "tags": encoded(tags).decode(),
        "metadata": encoded(body.metadata),
        **_totals(body, skeletons),
    }
    problems = [
        {**steps.problem_in(kept).model_dump(), "step": row["n"]}
        for row, kept in zip(skeletons, said, strict=True)
        if row["failed"]
    ]
    kept = payloads.prepared(said, project)
    return TraceRows(trace, skeletons, models, tags, said, kept, problems)


def _models(skeletons: Sequence[Row]) -> list[Row]:
    found: dict[str, Row] = {}
    for row in skeletons:
        if row["model"]:
            of = found.setdefault(row["model"], {"model": row["model"], "calls": 0, "cost": 0})
            of["calls"] += 1
            of["cost"] = min(of["cost"] + row["cost"], units.MOST_UNITS)
    return list(found.values())


def _skeletons(body: TraceBody) -> list[Row]:
    before, rows = body.started_at, []
    for n, step in enumerate(body.steps, start=1):
        rows.append(steps.skeleton(step, n, before=before))
        before = step.timestamp or before
    return rows


def _status(skeletons: Sequence[Row]) -> TraceStatus:
    return "error" if skeletons and skeletons[-1]["failed"] else "completed"


def _ended_at(body: TraceBody, status: TraceStatus, skeletons: Sequence[Row]) -> int | None:
    if status == "running":
        if body.ended_at:
            raise invalid("A running trace has not ended", field="ended_at", expected="none")
        return None
    if body.ended_at is None:
        return max([stamp(body.started_at), *_ends(body, skeletons)])
    if body.ended_at < body.started_at:
        raise invalid(
            "A trace ends after it has started",
            field="ended_at",
            expected="started_at or later",
        )
    return stamp(body.ended_at)


def _ends(body: TraceBody, skeletons: Sequence[Row]) -> list[int]:
    """What is known of the end of a trace that does not tell it."""
    if body.duration_ms is not None:
        return [stamp(body.started_at + timedelta(milliseconds=body.duration_ms))]
    return [stamp(steps.ends(row)) for row in skeletons]


def _totals(body: TraceBody, skeletons: Sequence[Row]) -> dict[str, Any]:
    told = body.total_tokens
    cost = _sum(skeletons, "cost") if body.total_cost is None else units.units(body.total_cost)
    return {
        "cost": min(cost, units.MOST_UNITS),
        "tokens_in": units.tokens(told.input if told else _sum(skeletons, "tokens_in")),
        "tokens_out": units.tokens(told.output if told else _sum(skeletons, "tokens_out")),
    }


def _sum(skeletons: Sequence[Row], column: str) -> int:
    return sum(row[column] or 0 for row in skeletons)
