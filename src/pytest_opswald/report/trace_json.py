"""A golden as JSON that is the same for every provider."""

from __future__ import annotations

import json
from typing import Any

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import Step


def trace_json(golden: Golden) -> str:
    """Name, test, sums and steps; what is unknown is left out, and so is what the wire said."""
    trace = golden.trace
    document = {
        "name": golden.name,
        "test": golden.test,
        "tags": list(golden.tags),
        "expected_outcome": golden.expected_outcome.model_dump(mode="json", exclude_unset=True),
        "status": trace.status,
        "models_used": list(trace.models_used),
        "total_tokens": trace.total_tokens.model_dump(),
        "total_cost": trace.total_cost,
        "final_message": trace.final_message,
        "structured_output": trace.structured_output,
        "steps": [_step(step) for step in trace.steps],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _step(step: Step) -> dict[str, Any]:
    fields = step.model_dump(mode="json", exclude={"http", "step_number", "type"})
    told = {name: value for name, value in fields.items() if value not in (None, {}, [])}
    return {"id": step.id, "step_number": step.step_number, "type": step.type, **told}
