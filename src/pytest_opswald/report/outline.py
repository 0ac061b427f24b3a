"""A run as a few lines that stay the same from run to run: what a snapshot test compares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pytest_opswald.trace.steps import (
    LlmCall,
    Response,
    Step,
    ToolCall,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import normalise

from .phrases import answer, call, phrase, response, result

_LONGEST = 200
"""Characters of a line; what is longer is cut and its length told."""


class _Entry(NamedTuple):
    text: str
    group: int | None
    depth: int


def trajectory(trace: Trace) -> str:
    """The run, a line a step, a tool's call and result on one.

        user: "Refund order 42"
        gpt-5.2 → lookup_order(order_id=42), get_policy()
        tool get_policy() = "Within 30 days."
        tool lookup_order(order_id=42) = {"total": 19.9}
        gpt-5.2 "Refunded 19.90 EUR."

    Lines carry no numbers, so that a step more or less is one line of a snapshot's diff. Values
    that change from run to run are renamed, ids are left out, and steps that were in flight
    together stand in a fixed order, whichever began first.
    """
    entries = _ordered(list(_entries(trace.steps)))
    texts: list[str] = normalise([entry.text for entry in entries])
    lines = [_cut("  " * entry.depth + text) for entry, text in zip(entries, texts, strict=True)]
    return "".join(f"{line}\n" for line in lines)


def outcome(trace: Trace) -> dict[str, Any]:
    """What the run came to: status, final message, structured output if any, models, counts."""
    structured = trace.structured_output
    tools = Counter(step.input.tool for step in trace.steps if isinstance(step, ToolCall))
    return {
        "status": trace.status,
        "final_message": trace.final_message,
        **({"structured_output": structured} if structured is not None else {}),
        "models": list(trace.models_used),
        "llm_calls": len(trace.llm_calls),
        "tool_calls": dict(sorted(tools.items())),
    }


def _entries(steps: Sequence[Step]) -> Iterator[_Entry]:
    results = _results(steps)
    told_with_their_call = set(results.values())
    depths: dict[str | None, int] = {None: 0}
    for index, step in enumerate(steps):
        depth = depths.get(step.parent_span_id, 0)
        if step.span_id:
            depths[step.span_id] = depth + 1
        if index not in told_with_their_call:
            ended = steps[results[index]] if index in results else None
            yield _Entry(_told(step, ended), getattr(step, "group", None), depth)


def _results(steps: Sequence[Step]) -> dict[int, int]:
    """Index of the result by index of its call: by call id, else the first of the same tool."""
    found: dict[int, int] = {}
    waiting: dict[str, list[int]] = defaultdict(list)
    for index, step in enumerate(steps):
        if isinstance(step, ToolCall):
            waiting[step.input.tool].append(index)
        elif isinstance(step, ToolResult) and (calls := waiting[step.input.tool]):
            wanted = step.input.tool_call_id
            same = (place for place in calls if _call_id(steps[place]) == wanted)
            call_index = next(same, calls[0])
            calls.remove(call_index)
            found[call_index] = index
    return found


def _call_id(step: Step) -> str | None:
    return step.input.tool_call_id if isinstance(step, ToolCall) else None


def _told(step: Step, ended: Step | None) -> str:
    match step:
        case UserInput():
            return f"user: {phrase(step)}"
        case LlmCall():
            return f"{step.input.model or 'unknown model'}{answer(step)}"
        case ToolCall():
            told = f"tool {call(step.input.tool, step.input.arguments)}"
            return f"{told} {result(ended)}" if isinstance(ended, ToolResult) else told
        case Response():
            return f"response: {response(step)}"
    return f"{step.type} {phrase(step)}"


def _ordered(entries: Sequence[_Entry]) -> list[_Entry]:
    """Neighbours of one group, with what happened in them, in an order that no race can change."""
    ordered: list[_Entry] = []
    for _, together in groupby(enumerate(_blocks(entries)), key=_together):
        for head, *inside in sorted((block for _, block in together), key=_stable_text):
            ordered += [head, *_ordered(inside)]
    return ordered


def _blocks(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    """Each entry with the deeper ones that follow it."""
    blocks: list[list[_Entry]] = []
    for entry in entries:
        if blocks and entry.depth > blocks[-1][0].depth:
            blocks[-1].append(entry)
        else:
            blocks.append([entry])
    return blocks


def _together(numbered: tuple[int, Sequence[_Entry]]) -> tuple[str, int]:
    index, (head, *_) = numbered
    return ("alone", index) if head.group is None else ("group", head.group)


def _stable_text(block: Sequence[_Entry]) -> list[str]:
    texts: list[str] = normalise([entry.text for entry in block])
    return texts


def _cut(line: str) -> str:
    if len(line) <= _LONGEST:
        return line
    return f"{line[:_LONGEST]}… ({len(line):,} characters)"
