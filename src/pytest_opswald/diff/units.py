"""A trace as units of order: single steps, and turns whose parts have no order among them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult

from .keys import Leaves, StepKey, fingerprint, key_of, leaves_of

T = TypeVar("T")


@dataclass(frozen=True)
class Member:
    """A step, or a tool call with its result: they are paired as one."""

    step: Step
    index: int
    """Place of the step in its trace, from 0."""
    unit: int
    """Place of its unit among the units of the trace, from 0."""
    fingerprint: bytes
    result: Member | None = None
    """The tool's result, when this is a call that has one."""

    @property
    def key(self) -> StepKey:
        return key_of(self.step)

    @cached_property
    def leaves(self) -> Leaves:
        return leaves_of(self.step)


@dataclass(frozen=True)
class Unit:
    """Steps without order among them: one step, or the calls of one parallel turn."""

    place: int
    """Place among the units of its trace, from 0."""
    members: tuple[Member, ...]

    @property
    def fingerprint(self) -> bytes:
        """Of its calls; what they came to is no part of it."""
        return b"".join(sorted(member.fingerprint for member in self.members))

    @property
    def results(self) -> list[bytes]:
        """Fingerprints of what tools answered."""
        return sorted(member.result.fingerprint for member in self.members if member.result)

    @property
    def is_single(self) -> bool:
        return len(self.members) == 1

    @property
    def is_llm(self) -> bool:
        return isinstance(self.members[0].step, LlmCall)

    @property
    def is_tools(self) -> bool:
        return isinstance(self.members[0].step, ToolCall)


def units_of(steps: Sequence[Step]) -> list[Unit]:
    """Every step in exactly one unit.

    Calls in a row belong together when one LLM answer asked for them, or when they were in
    flight together.
    """
    calls = calls_by_result(steps)
    results = {call: result for result, call in calls.items()}
    owners = _owners(steps)
    turns: list[list[Member]] = []
    ties: set[tuple[str, int]] = set()
    for index, step in enumerate(steps):
        if index in calls:
            continue
        if not (own := _ties(index, step, owners)) & ties:
            turns.append([])
            ties = set()
        ties |= own
        place, result = len(turns) - 1, results.get(index)
        along = None if result is None else _member(steps[result], result, place)
        turns[-1].append(_member(step, index, place, along))
    return [Unit(place, tuple(members)) for place, members in enumerate(turns)]


def _member(step: Step, index: int, unit: int, result: Member | None = None) -> Member:
    return Member(step, index, unit, fingerprint(step), result)


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


def calls_by_result(steps: Sequence[Step]) -> dict[int, int]:
    """Place of its call by place of a tool result."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    calls = {}
    for index, step in enumerate(steps):
        if isinstance(step, ToolCall | ToolResult):
            open_calls = waiting[step.input.tool, step.input.tool_call_id, step.parent_span_id]
            if isinstance(step, ToolCall):
                open_calls.append(index)
            elif open_calls:
                calls[index] = open_calls.pop(_answered(open_calls, index))
    return calls


def _answered(open_calls: list[int], result: int) -> int:
    """Which of several open calls of one name: the one just before, or the first of a batch."""
    in_a_batch = len(open_calls) > 1 and open_calls[-2] == result - 2
    return -1 if open_calls[-1] == result - 1 and not in_a_batch else 0


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
