"""Runs with one thing changed: the parts that mutants are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_opswald.diff.failure import has_failed
from pytest_opswald.diff.units import calls_by_result
from pytest_opswald.trace.steps import LlmCall, Response, Step, ToolCall, ToolOutput, ToolResult
from pytest_opswald.trace.trace import Trace

from .gates import EFFECTS

Pairs = Iterator[tuple[Trace, Trace]]
"""Goldens with their mutants."""
Mutation = Callable[[Trace], Pairs]
Path = tuple[str | int, ...]
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w:/-]|[.,]\d|[.)]\s)")


def writes(trace: Trace) -> list[int]:
    """Places of the calls that changed something."""
    return [
        place
        for place, step in enumerate(trace.steps)
        if isinstance(step, ToolCall)
        and EFFECTS.of(step.input.tool) != "read"
        and not any(map(has_failed, _results(trace, place)))
    ]


def _results(trace: Trace, call: int) -> list[ToolResult]:
    found = (trace.steps[place] for place in use(trace, call))
    return [step for step in found if isinstance(step, ToolResult)]


def use(trace: Trace, call: int) -> list[int]:
    """Places of a call and of its result."""
    ends = (place for place, one in calls_by_result(trace.steps).items() if one == call)
    return [call, *ends]


def arguments(trace: Trace, call: int) -> Mapping[str, Any]:
    step = trace.steps[call]
    return step.input.arguments if isinstance(step, ToolCall) else {}


def with_arguments(trace: Trace, call: int, given: Mapping[str, Any]) -> Trace:
    step = trace.steps[call]
    assert isinstance(step, ToolCall)
    said = step.input.model_copy(update={"arguments": given})
    return with_steps(trace, {call: step.model_copy(update={"input": said})})


def with_result(trace: Trace, call: int, told: Any) -> Trace:
    output = {"output": ToolOutput(result=told)}
    ends = [place for place in use(trace, call) if isinstance(trace.steps[place], ToolResult)]
    return with_steps(trace, {end: trace.steps[end].model_copy(update=output) for end in ends})


def with_steps(trace: Trace, steps: Mapping[int, Step]) -> Trace:
    return Trace.of([steps.get(place, step) for place, step in enumerate(trace.steps)])


def without(trace: Trace, places: list[int]) -> Trace:
    return Trace.of([step for place, step in enumerate(trace.steps) if place not in places])


def answering(trace: Trace) -> Trace:
    """The run as if it had only read: then what it says is what counts."""
    return without(trace, [place for call in writes(trace) for place in use(trace, call)])


def saying(trace: Trace, text: str) -> Trace:
    """The run with that answer, and no other before it."""
    return Trace.of([_saying(step, text) for step in trace.steps])


def _saying(step: Step, text: str) -> Step:
    match step:
        case LlmCall():
            output = step.output.model_copy(update={"content": None})
            return step.model_copy(update={"output": output})
        case Response():
            return step.model_copy(update={"message": text})
    return step


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    match value:
        case Mapping():
            for name, item in value.items():
                yield from leaves(item, (*path, name))
        case list():
            for place, item in enumerate(value):
                yield from leaves(item, (*path, place))
        case _:
            yield path, value


def put(value: Any, path: Path, leaf: Any) -> Any:
    """The value with another leaf."""
    if not path:
        return leaf
    first, *rest = path
    changed = put(value[first], tuple(rest), leaf)
    if isinstance(value, Mapping):
        return {**value, first: changed}
    return [changed if place == first else item for place, item in enumerate(value)]


def figures(trace: Trace, text: str) -> list[str]:
    """The distinct numbers in a text that no prompt holds."""
    asked = " ".join(trace.questions)
    return [found for found in dict.fromkeys(_NUMBER.findall(text)) if found not in asked]


def with_figures(text: str, write: Callable[[str], str], only: list[str]) -> str:
    """The text with these numbers in another writing."""
    return _NUMBER.sub(lambda found: write(found[0]) if found[0] in only else found[0], text)
