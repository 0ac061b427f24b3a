"""A contract for a golden, made of what its run did: for people to edit, not to author."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import ToolResult
from pytest_opswald.trace.trace import Trace

from .effects import acts
from .grounding import Source, results, whole_ground
from .messages import new_facts

_ROOM = 1.5
"""What a later run may use of tokens, money and calls, as a factor of what this one used."""
_ENOUGH = 0.6
"""Share of the facts that a message in other words states."""


def suggestion(golden: Golden) -> dict[str, Any]:
    """An expected outcome as JSON: what it says already, and what else the run gives cause to say.

    The final message is held to its facts where it is only the recorded one.
    """
    written: dict[str, Any] = golden.expected_outcome.model_dump(mode="json")
    if written.get("final_message") == golden.trace.final_message:
        written.pop("final_message", None)
    made = dict(_made(golden.trace, Effects(golden.effects)))
    order = dict.fromkeys((*made, *written))
    return {key: written.get(key, made.get(key)) for key in order}


def _made(trace: Trace, effects: Effects) -> Iterator[tuple[str, Any]]:
    facts = _facts(trace)
    yield "status", trace.status
    if facts:
        yield "final_message", {"facts": list(facts.values()), "min_facts": _ENOUGH}
    elif trace.final_message is not None:
        yield "final_message", trace.final_message
    acted = {act.tool for act in acts(trace, effects)}
    needed = [tool for tool in trace.tools if tool in acted | _told_facts(trace, set(facts))]
    if needed:
        yield "tools", {"required": needed}
    if acted:
        yield "effects", "golden"
    yield "budgets", dict(_budgets(trace))


def _facts(trace: Trace) -> dict[str, str]:
    """What the final message states beyond the question, in its own form and as written."""
    return new_facts(trace.final_message or "", whole_ground(trace.steps))


def _told_facts(trace: Trace, facts: set[str]) -> set[str]:
    """Tools whose results hold a fact that the final message states."""
    return {
        step.input.tool
        for step in trace.steps
        if isinstance(step, ToolResult)
        and any(Source(results([step])).states({fact}) for fact in facts)
    }


def _budgets(trace: Trace) -> Iterator[tuple[str, Any]]:
    yield "llm_calls", math.ceil(len(trace.llm_calls) * _ROOM)
    yield "steps", math.ceil(len(trace.steps) * _ROOM)
    if trace.llm_calls and all(call.tokens for call in trace.llm_calls):
        yield "tokens", {"rel": _ROOM}
    if trace.llm_calls and all(call.cost is not None for call in trace.llm_calls):
        yield "cost_usd", {"rel": _ROOM}
