"""Steps: a skeleton row each, and what was said in it as its payload."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.steps import Step, StepBody, StepProblem
from pytest_opswald.pricing import cost_of
from pytest_opswald.server.database.units import moment, stamp, units, usd
from pytest_opswald.trace.steps import Tokens

from .event_data import said_in

Row = dict[str, Any]
Payload = dict[str, Any]
_LONGEST_MODEL = 255


def skeleton(body: StepBody, n: int, *, before: datetime) -> Row:
    """The row of step `n`; `before` is when the step before it started."""
    cost, estimated = _cost(body)
    return {
        "n": n,
        "type": body.type,
        "at": stamp(body.timestamp or before),
        "duration_ms": body.duration_ms,
        "model": model_of(body),
        "tokens_in": body.tokens.input if body.tokens else None,
        "tokens_out": body.tokens.output if body.tokens else None,
        "cost": units(cost),
        "cost_estimated": estimated,
        "failed": _failed(body),
        "name": body.name,
        "agent": body.agent,
        "span_id": body.span_id,
        "parent_span_id": body.parent_span_id,
        "event_id": None,
        "received_at": None,
    }


def payload(body: StepBody) -> Payload:
    """What the skeleton does not hold."""
    problem = body.error.model_dump() if body.error else None
    said = {
        "input": body.input,
        "output": body.output,
        "metadata": body.metadata,
        "error": problem,
        "raw": body.raw,
    }
    return {name: value for name, value in said.items() if value not in (None, {})}


def shown(row: Any, kept: Payload) -> Step:
    """A step as the API shows it; `row` is a skeleton of the database."""
    said = said_in(row.type, kept["event"]) if "event" in kept else kept
    failed = bool(row.failed)
    return Step(
        id=step_id(row.n),
        step_number=row.n,
        type=row.type,
        timestamp=moment(row.at),
        input=said.get("input", {}),
        output=said.get("output"),
        duration_ms=row.duration_ms,
        cost=usd(row.cost),
        tokens=_tokens(row),
        name=row.name,
        agent=row.agent,
        span_id=row.span_id,
        parent_span_id=row.parent_span_id,
        status="error" if failed else "ok",
        error=problem_in(said) if failed else None,
        metadata=said.get("metadata", {})
        | ({"cost_estimated": True} if row.cost_estimated else {}),
        raw=said.get("raw"),
    )


def step_id(n: int) -> str:
    """`step_001`"""
    return f"step_{n:03d}"


def problem_in(said: Payload) -> StepProblem:
    """Why a failed step failed, as far as it says."""
    output = said.get("output")
    problem = said.get("error") or (output.get("error") if isinstance(output, dict) else None)
    if not isinstance(problem, dict):
        return StepProblem(type="agent_error", message=str(problem or ""))
    return StepProblem(
        type=str(problem.get("type", "agent_error")), message=str(problem.get("message", ""))
    )


def ends(row: Row) -> datetime:
    """When a step was over."""
    return moment(row["at"]) + timedelta(milliseconds=row["duration_ms"])


def model_of(body: StepBody) -> str | None:
    """The model an LLM call asked, as the sender named it."""
    if body.type != "llm_call":
        return None
    for place in (body.input, body.output):
        model = place.get("model") if isinstance(place, dict) else None
        if isinstance(model, str) and 0 < len(model) <= _LONGEST_MODEL:
            return model
    return None


def _cost(body: StepBody) -> tuple[float, bool]:
    """USD, and whether we had to work it out."""
    if body.cost is not None:
        return body.cost, False
    tokens = Tokens(input=body.tokens.input, output=body.tokens.output) if body.tokens else None
    estimate = cost_of(model_of(body), None, tokens)
    return (estimate, True) if estimate is not None else (0.0, False)


def _failed(body: StepBody) -> bool:
    if body.status:
        return body.status == "error"
    if body.type == "error" or body.error:
        return True
    return isinstance(body.output, dict) and bool(body.output.get("error"))


def _tokens(row: Any) -> TokenCount | None:
    if row.tokens_in is None:
        return None
    return TokenCount(input=row.tokens_in, output=row.tokens_out)
