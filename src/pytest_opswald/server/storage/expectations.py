"""What a golden test expects, as our judge reads it.

A test is kept as it was given. Not everything in it is judged here: keys that only a later release
knows, and those that a server must not follow, because they run patterns without bounds, read
files, import code or ask an LLM with keys that are not theirs. What is not judged is named; a runner judges it where the agent is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_opswald.server.problems import invalid
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome
from pytest_opswald.trace.output_rule import is_output_rule
from pytest_opswald.trace.problems import InvalidOutcome

_FIELD = "expected_outcome"
_FORBIDDEN = frozenset({"$regex", "$schema", "$py"})
_FORBIDDEN_IN_RULES = frozenset({"regex", "json_schema", "judge"})
_STEPS: Mapping[str, Any] = {
    "tools": {"mode": "exact", "include": ["tool_call", "tool_result"]},
    "outcome": "none",
}
"""What the API's words mean; the others are ours."""
_BUDGETS = {"max_cost": "cost_usd", "max_duration_ms": "latency_ms"}


@dataclass(frozen=True, slots=True)
class Expectations:
    """An expected outcome, as far as a server judges it."""

    outcome: ExpectedOutcome
    unjudged: tuple[str, ...]
    """Paths below `expected_outcome`."""


def read(given: Mapping[str, Any]) -> Expectations:
    """Raises ApiProblem for what makes no sense."""
    judged, left = _judged(_translated(given))
    try:
        return Expectations(parse_outcome(judged), tuple(left))
    except InvalidOutcome as error:
        path, said = error.problems[0]
        field = ".".join((_FIELD, *map(str, path)))
        raise invalid(f"Invalid {field}: {said}", field=field, expected=said) from None


def unjudged(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of what `read` would not judge."""
    return tuple(_judged(_translated(given))[1])


def suggested(outcome: ExpectedOutcome) -> dict[str, Any]:
    """An outcome of ours in the API's words."""
    said = outcome.model_dump(mode="json")
    if "output" in said:
        said["structured_output"] = said.pop("output")
    return said


def _translated(given: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(given)
    if "structured_output" in said and "output" not in said:
        output = said.pop("structured_output")
        said["output"] = {"match": output} if is_output_rule(output) else output
    if isinstance(said.get("steps"), str):
        said["steps"] = _STEPS.get(said["steps"], said["steps"])
    budgets = {ours: said.pop(its) for its, ours in _BUDGETS.items() if its in said}
    if budgets:
        more = said.get("budgets", {})
        said["budgets"] = {**more, **budgets} if isinstance(more, Mapping) else more
    return said


def _judged(said: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    judged, left = {}, []
    for key, value in said.items():
        rule = _without_forbidden(key, value)
        if key not in ExpectedOutcome.model_fields or key == "trials" or _follows(rule):
            left.append(key)
            continue
        if rule is not value:
            left += [f"{key}.{name}" for name in value if name not in rule]
        if rule != {} or value == {}:
            judged[key] = rule
    return judged, left


def _without_forbidden(key: str, rule: Any) -> Any:
    """A rule about a message or an output, less what is followed nowhere on a server."""
    is_rule = key == "final_message" or (key == "output" and is_output_rule(rule))
    if not is_rule or not isinstance(rule, Mapping) or not _FORBIDDEN_IN_RULES & rule.keys():
        return rule
    return {name: value for name, value in rule.items() if name not in _FORBIDDEN_IN_RULES}


def _follows(value: Any) -> bool:
    """Whether a matcher in there would run a pattern, read a schema or import code."""
    return any(word in _FORBIDDEN for word in _keys(value))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, its in value.items():
            yield key
            yield from _keys(its)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _keys(each)
