"""From the body of an event to its step, and to the trace that has grown by it; no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from pydantic_core import from_json

from pytest_opswald.api.events import EventBody
from pytest_opswald.api.ids import new_id
from pytest_opswald.api.steps import StepBody
from pytest_opswald.server.database import units
from pytest_opswald.server.problems import unreadable

from . import payloads, steps
from .event_data import said_in
from .folding import encoded
from .projects import Project
from .steps import Row

_BESIDE_DATA = frozenset({"timestamp", "duration_ms", "agent", "span_id", "parent_span_id"})
_IN_DATA = frozenset(
    {"duration_ms", "agent", "span_id", "parent_span_id", "cost", "tokens", "name", "status"}
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event ready to be stored."""

    body: EventBody
    step: Row
    """Its skeleton, without a number."""
    payload: payloads.Prepared
    problem: Row | None
    """`{type, message}` when the step failed."""


def prepared(project: Project, body: EventBody) -> NewEvent:
    """Raises ApiProblem naming what is wrong in `data`."""
    received = datetime.now(UTC)
    said = _step(body)
    step = steps.skeleton(said, 0, before=received) | {
        "event_id": body.event_id or new_id("evt"),
        "received_at": units.stamp(received),
    }
    problem = steps.problem_in(steps.payload(said)).model_dump() if step["failed"] else None
    return NewEvent(body, step, payloads.prepared([{"event": body.data}], project), problem)


def begun(new: NewEvent, user_id: str | None) -> Row:
    """The trace that begins with this event, before its first step."""
    return {
        "id": new.body.trace_id or new_id("trace"),
        "session_id": new.body.session_id,
        "user_id": user_id,
        "started_at": new.step["at"],
        "ended_at": None,
        "status": "running",
        "steps": 0,
        "errors": 0,
        "cost": 0,
        "tokens_in": 0,
        "tokens_out": 0,
        "models": "[]",
        "tags": "[]",
        "metadata": b"{}",
    }


def grown(trace: Row, new: NewEvent) -> Row:
    """The columns of a trace that one step more changes."""
    step = new.step
    status = _status(trace, new)
    ended = max(trace["ended_at"] or 0, units.stamp(steps.ends(step)))
    return {
        "steps": trace["steps"] + 1,
        "errors": trace["errors"] + step["failed"],
        "started_at": min(trace["started_at"], step["at"]),
        "ended_at": None if status == "running" else ended,
        "status": status,
        "cost": min(trace["cost"] + step["cost"], units.MOST_UNITS),
        "tokens_in": units.tokens(trace["tokens_in"] + (step["tokens_in"] or 0)),
        "tokens_out": units.tokens(trace["tokens_out"] + (step["tokens_out"] or 0)),
        "models": _models(trace["models"], step["model"]),
    }


def _step(body: EventBody) -> StepBody:
    told = {name: body.data[name] for name in _IN_DATA if body.data.get(name) is not None}
    told |= said_in(body.event_type, body.data)
    if told.get("status") not in {"ok", "error"}:
        told.pop("status", None)  # the trace's, as a response may tell it
    if isinstance(told.get("error"), str):
        told["error"] = {"type": "agent_error", "message": told["error"]}
    beside = body.model_dump(include=set(_BESIDE_DATA), exclude_none=True)
    try:
        return StepBody.model_validate(told | beside | {"type": body.event_type})
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise unreadable(errors, within="data") from None


def _status(trace: Row, new: NewEvent) -> str:
    """A response ends its trace."""
    if trace["status"] == "running" and new.body.event_type == "response":
        return "error" if new.body.data.get("status") == "error" else "completed"
    return str(trace["status"])


def _models(models: str, model: str | None) -> str:
    if model is None:
        return models
    return encoded(list(dict.fromkeys([*from_json(models), model]))).decode()
