"""Calls that a replay cannot tell apart: the same question at the same time, with other answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pytest_opswald.engine.matching import Asked
from pytest_opswald.trace.steps import Custom, LlmCall, Step, ToolCall, ToolResult
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import canonical


def ambiguous_notices(trace: Trace) -> tuple[str, ...]:
    """One sentence for each such question."""
    asked: dict[tuple[int, str], list[tuple[Step, str]]] = defaultdict(list)
    for step, answer in _answered(trace.steps):
        if step.group is not None:
            asked[step.group, _question(step)].append((step, canonical(answer)))
    return tuple(
        _notice([step for step, _ in calls])
        for calls in asked.values()
        if len({answer for _, answer in calls}) > 1
    )


def _notice(steps: list[Step]) -> str:
    *most, last = (str(step.step_number) for step in steps)
    what = f"tool {steps[0].input.tool}" if isinstance(steps[0], ToolCall) else "one LLM"
    return (
        f"steps {', '.join(most)} and {last} ask {what} the same at the same time and get "
        "different answers: a replay gives them out in the order in which it is asked; "
        "say something different in each, or make one call after the other"
    )


def _answered(steps: Iterable[Step]) -> Iterable[tuple[LlmCall | Custom | ToolCall, Any]]:
    """Calls with what they got; a result follows its call, calls that nest aside."""
    open_calls: list[ToolCall] = []
    for step in steps:
        match step:
            case LlmCall():
                said = [(call.function, call.arguments) for call in step.output.tool_calls]
                yield step, [step.output.content, said]
            case Custom(http=http) if http:
                yield step, [http.status, http.body, http.text, http.base64]
            case ToolCall():
                open_calls.append(step)
            case ToolResult() if open_calls:
                yield open_calls.pop(), [step.output.result, step.output.error]


def _question(step: LlmCall | Custom | ToolCall) -> str:
    if isinstance(step, ToolCall):
        return canonical([step.input.tool, step.input.arguments])
    assert step.http is not None
    return Asked.in_record(step.http).exact
