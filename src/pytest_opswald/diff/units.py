"""A trace as units of order: single steps, and turns whose parts have no order among them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult

from .keys import StepKey, fingerprint, gist, key_of, leaves

T = TypeVar("T")


@dataclass(frozen=True)
class Member:
    """A step, or a tool call with its result: they are paired as one."""

    step: Step
    index: int
    """Place of the step in its trace, from 0."""
    unit: int
    """Place of its unit among the units of the trace, from 0."""
    result: int | None = None
    """Place of the tool's result."""

    @cached_property
    def key(self) -> StepKey:
        return key_of(self.step)

    @cached_property
    def gist(self) -> Any:
        return gist(self.step)

    @cached_property
    def fingerprint(self) -> bytes:
        return fingerprint(self.key, self.gist)

    @cached_property
    def leaves(self) -> frozenset[tuple[str, Any]]:
        return leaves(self.gist)


@dataclass(frozen=True)
class Unit:
    """Steps without order among them: one step, or the calls of one parallel turn."""

    place: int
    """Place among the units of its trace, from 0."""
    members: tuple[Member, ...]

    @cached_property
    def fingerprint(self) -> tuple[bytes, ...]:
        return tuple(sorted(member.fingerprint for member in self.members))


def units_of(steps: Sequence[Step]) -> list[Unit]:
    """Every step in exactly one unit.

    Calls in a row belong together when one LLM answer asked for them, or when they were in
    flight together.
    """
    results = _results(steps)
    claimed = set(results.values())
    owners = _owners(steps)
    turns: list[list[Member]] = []
    ties: set[tuple[str, int]] = set()
    for index, step in enumerate(steps):
        if index in claimed:
            continue
        if not (own := _ties(index, step, owners)) & ties:
            turns.append([])
            ties = set()
        ties |= own
        turns[-1].append(Member(step, index, len(turns) - 1, results.get(index)))
    return [Unit(place, tuple(members)) for place, members in enumerate(turns)]


def equal_pairs(
    ones: Iterable[T], others: Iterable[T], *, name: Callable[[T], Hashable]
) -> list[tuple[T, T]]:
    """Pairs of the same name, first come first served."""
    waiting: dict[Hashable, deque[T]] = defaultdict(deque)
    for other in others:
        waiting[name(other)].append(other)
    return [(one, waiting[name(one)].popleft()) for one in ones if waiting[name(one)]]


def _ties(index: int, step: Step, owners: dict[int, int]) -> set[tuple[str, int]]:
    group = getattr(step, "group", None)
    ties = {("group", group)} if group is not None else set()
    return ties | ({("asked by", owners[index])} if index in owners else set())


def _results(steps: Sequence[Step]) -> dict[int, int]:
    """Index of the result by index of its call: by call id, else the first of that tool."""
    waiting: dict[tuple[str, str | None], deque[int]] = defaultdict(deque)
    results = {}
    for index, step in enumerate(steps):
        match step:
            case ToolCall():
                waiting[step.input.tool, step.input.tool_call_id].append(index)
            case ToolResult():
                calls = waiting[step.input.tool, step.input.tool_call_id]
                if calls:
                    results[calls.popleft()] = index
    return results


def _owners(steps: Sequence[Step]) -> dict[int, int]:
    """Index of the LLM call that asked for a tool call, where one did."""
    by_id: dict[str | None, int] = {}
    by_name: dict[str, int] = {}
    owners = {}
    for index, step in enumerate(steps):
        match step:
            case LlmCall():
                by_id |= {call.id: index for call in step.output.tool_calls if call.id}
                by_name |= {call.function: index for call in step.output.tool_calls}
            case ToolCall():
                owner = by_id.get(step.input.tool_call_id, by_name.get(step.input.tool))
                if owner is not None:
                    owners[index] = owner
    return owners
