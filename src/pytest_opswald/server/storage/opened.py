"""Traces as the API shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from pytest_opswald.api.base import TokenCount
from pytest_opswald.api.steps import Step
from pytest_opswald.api.traces import Trace, TraceProblem, TraceSummary
from pytest_opswald.server.database.units import milliseconds, moment, usd

from . import steps
from .projects import Project

_STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Opened:
    """A trace as it is stored, which is small; its steps are unfolded one by one.

    All steps of a long conversation together repeat it as often as it has steps.
    """

    row: Any
    skeletons: Sequence[Any]
    payloads: Mapping[int, Any]
    """By the number of their step."""
    project: Project

    def steps(self) -> Iterator[Step]:
        return (self._step(row) for row in self.skeletons)

    def json(self) -> Iterator[bytes]:
        """`Trace` as JSON, piece by piece."""
        yield self._head().model_dump_json(exclude={_STEPS}).encode().removesuffix(b"}")
        before = b',"steps":['
        for step in self.steps():
            yield before + step.model_dump_json().encode()
            before = b","
        yield b"]}" if self.skeletons else before + b"]}"

    def _head(self) -> Trace:
        failed = next((self._step(row) for row in self.skeletons if row.failed), None)
        said = self._response()
        return Trace.model_validate(
            facts(self.row, self.project)
            | {
                _STEPS: (),
                "step_count": len(self.skeletons),
                "final_output": said.get("message"),
                "structured_output": said.get("structured_output"),
                "error": _problem(failed) if failed else None,
            }
        )

    def _response(self) -> Mapping[str, Any]:
        """What the last response said."""
        last = next((row for row in reversed(self.skeletons) if row.type == "response"), None)
        output = self._step(last).output if last else None
        return output if isinstance(output, dict) else {"message": output}

    def _step(self, row: Any) -> Step:
        return steps.shown(row, self.payloads[row.n])


def summary(row: Any, project: Project) -> TraceSummary:
    """A trace in a list."""
    return TraceSummary.model_validate(facts(row, project) | {_STEPS: row.steps})


def facts(row: Any, project: Project) -> dict[str, Any]:
    """What lists and single traces say alike."""
    running = row.ended_at is None
    return {
        "id": row.id,
        "session_id": row.session_id,
        "user_id": row.user_id,
        "started_at": moment(row.started_at),
        "ended_at": None if running else moment(row.ended_at),
        "duration_ms": None if running else milliseconds(row.started_at, row.ended_at),
        "total_cost": usd(row.cost),
        "total_tokens": TokenCount(input=row.tokens_in, output=row.tokens_out),
        "models_used": from_json(row.models),
        "errors": row.errors,
        "status": row.status,
        "name": row.name,
        "project": project.name,
        "tags": from_json(row.tags),
        "metadata": from_json(row.metadata),
    }


def _problem(step: Step) -> TraceProblem | None:
    if step.error is None:
        return None
    return TraceProblem(type=step.error.type, message=step.error.message, step=step.step_number)
