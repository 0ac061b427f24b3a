"""What a replay came to, in the words of the API: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_opswald.api.golden_tests import OutcomeChange
from pytest_opswald.api.replays import FieldChange
from pytest_opswald.diff.difference import Check, StepPair
from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult
from pytest_opswald.wire.swap.target import names_provider

_SETTINGS = ("temperature", "max_tokens", "top_p", "seed")


def changes_from_original(pairs: Iterable[StepPair], *, fork: int = 1) -> tuple[FieldChange, ...]:
    """What differs from the recording, a field of a step each; never times, costs or tokens.

    Steps before the fork were served: what alignment makes of them is no change.
    """
    found = (change for pair in pairs for change in _of(pair) if change.step >= fork)
    return tuple(sorted(found, key=lambda change: change.step))


def _of(pair: StepPair) -> Iterator[FieldChange]:
    if pair.golden and pair.actual:
        yield from _between(pair.golden, pair.actual)
    elif pair.golden:
        step, said = pair.golden.step_number, _named(pair.golden)
        yield FieldChange(step=step, field="steps", original=said)
    elif pair.actual:
        step, said = pair.actual.step_number, _named(pair.actual)
        yield FieldChange(step=step, field="steps", modified=said)


def outcome_changes(checks: Iterable[Check]) -> tuple[OutcomeChange, ...]:
    """Expectations that do not hold."""
    return tuple(
        OutcomeChange(path=each.id, kind="changed", expected=each.expected, actual=each.actual)
        for each in checks
        if each.verdict == "fail"
    )


def _between(golden: Step, actual: Step) -> Iterator[FieldChange]:
    said, says = dict(_fields(golden)), dict(_fields(actual))
    for name in dict.fromkeys((*said, *says)):
        one, other = said.get(name), says.get(name)
        if one != other:
            yield FieldChange(step=golden.step_number, field=name, original=one, modified=other)


def _fields(step: Step) -> Iterator[tuple[str, Any]]:
    match step:
        case LlmCall(input=asked, output=answered):
            yield "model", _plain(asked.model)
            yield from ((name, getattr(asked, name)) for name in _SETTINGS)
            yield (
                "system_prompt",
                next((m.content for m in asked.messages if m.role in _SYSTEM), None),
            )
            yield "output.content", answered.content
            yield "output.tool_calls", [_called(call) for call in answered.tool_calls]
        case ToolCall(input=asked):
            yield "arguments", asked.arguments
        case ToolResult(output=answered):
            yield "output.result", answered.result


_SYSTEM = {"system", "developer"}


def _called(call: Any) -> dict[str, Any]:
    """Without its id, which is new every time."""
    return {"function": call.function, "arguments": call.arguments}


def _plain(model: str | None) -> str | None:
    """Without the provider it is asked of."""
    return model.partition(":")[2] if model and names_provider(model) else model


def _named(step: Step) -> dict[str, Any]:
    match step:
        case LlmCall(input=asked):
            return {"type": step.type, "name": asked.model}
        case ToolCall(input=used):
            return {"type": step.type, "name": used.tool}
        case ToolResult(input=used):
            return {"type": step.type, "name": used.tool}
    return {"type": step.type, "name": step.name}
