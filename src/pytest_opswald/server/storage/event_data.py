"""What the `data` of an event says of its step.

An event is kept as it was sent, and read as a step by these rules.
"""

from __future__ import annotations

from typing import Any

from pytest_opswald.trace.steps import StepType

_OF_STEPS = frozenset(
    {"cost", "tokens", "duration_ms", "name", "agent", "span_id", "parent_span_id", "status"}
)
"""Keys that are columns of a step."""
_SAYS_OUTPUT = frozenset({"error", "response"})
"""Types whose content is their output."""


def said_in(event_type: StepType, data: dict[str, Any]) -> dict[str, Any]:
    """`input`, `output`, `metadata`, `error` and `raw` of the step.

    Without an input (for errors and responses: an output) the keys nobody knows are it, so
    `{"message": "Hello"}` is a user's input; else they are metadata.
    """
    said: dict[str, Any] = {
        name: data[name] for name in ("input", "output", "error", "raw") if name in data
    }
    rest = {n: v for n, v in data.items() if n not in said and n not in _OF_STEPS}
    model = rest.pop("model", None)
    metadata = rest.pop("metadata", None)
    said["metadata"] = metadata if isinstance(metadata, dict) else {}
    content = "output" if event_type in _SAYS_OUTPUT else "input"
    if content not in said and rest:
        said[content] = rest
    else:
        said["metadata"] = rest | said["metadata"]
    return _with_model(said, model)


def _with_model(said: dict[str, Any], model: Any) -> dict[str, Any]:
    place = said.setdefault("input", {})
    if model is not None and isinstance(place, dict):
        said["input"] = {"model": model, **place}
    return said
