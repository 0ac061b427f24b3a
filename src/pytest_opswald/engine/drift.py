"""Two runs of the same code on the same golden: where did they not say the same?

Whatever differs here was not decided by the LLM: set order, a clock, an id, a dice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from pytest_opswald.trace.steps import (
    Custom,
    LlmCall,
    Response,
    Step,
    ToolCall,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.trace.volatile import canonical, normalise, same

_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+|\s+")
_KIND = re.compile(r"‹([a-z]+):\d+›")
_CONTEXT = 24
"""Characters around a difference that show where it stands."""
_MOST_WORDS = 2_000
"""Words of a differing middle beyond which it is one difference."""
_MOST_SPANS = 3
"""Differences that are told of one text."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the agent's own code decided in one step, as JSON."""

    step: int
    title: str
    """`llm_call`, `tool_call refund`."""
    value: Any


@dataclass(frozen=True, slots=True)
class Drift:
    """One place where two runs differ."""

    step: int
    title: str
    path: str
    """Dotted: `messages[0].content`."""
    before: str
    after: str
    """The span that differs, and a little around it."""
    kind: str
    """uuid, time, epoch, id, hex, path, order or value."""
    tolerated: bool
    """Whether replays match in spite of it."""


def said(trace: Trace) -> list[Said]:
    """What a run told the outside, less what came from there."""
    return [
        Said(step.step_number, _title(step), value)
        for step in trace.steps
        if (value := _value(step)) is not None
    ]


def between(one: Sequence[Said], other: Sequence[Said]) -> list[Drift]:
    """Where two runs differ; steps that raced each other may change places."""
    before, after = _less(one, other), _less(other, one)
    found = [drift for pair in zip(before, after, strict=False) for drift in _drifts(*pair)]
    rest = before[len(after) :] or after[len(before) :]
    return found + [
        Drift(it.step, it.title, "", *_sides(it in before), "value", tolerated=False) for it in rest
    ]


def _sides(was_there: bool) -> tuple[str, str]:
    return ("there", "not there") if was_there else ("not there", "there")


def _title(step: Step) -> str:
    match step:
        case ToolCall():
            return f"tool_call {step.input.tool}"
        case LlmCall():
            return f"llm_call {step.input.model or ''}".rstrip()
    return f"{step.type} {step.name or ''}".rstrip()


def _value(step: Step) -> Any:
    match step:
        case LlmCall() | Custom() if step.http:
            return step.http.request
        case ToolCall():
            return step.input.arguments
        case UserInput() | ToolResult():
            return None  # read off requests, served from the golden
        case Response():
            return {"message": step.message, "output": step.structured_output}
    return step.model_dump(mode="json", include={"name", "input", "output"})


def _less(these: Sequence[Said], those: Sequence[Said]) -> list[Said]:
    """Those of the first that the second does not hold as well."""
    there = Counter((it.title, canonical(it.value)) for it in those)
    left: list[Said] = []
    for it in these:
        key = (it.title, canonical(it.value))
        if there[key]:
            there[key] -= 1
        else:
            left.append(it)
    return left


def _drifts(one: Said, other: Said) -> Iterator[Drift]:
    if one.title != other.title:
        yield Drift(one.step, one.title, "", one.title, other.title, "value", tolerated=False)
        return
    tolerated = same(one.value, other.value)
    for path, before, after in _leaves(one.value, other.value, ""):
        for old, new, kind in _spans(_text(before), _text(after)):
            yield Drift(one.step, one.title, path, old, new, kind, tolerated)


def _leaves(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Values that differ, with their path; a list whose items were only shuffled is one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _leaves(one.get(key), other.get(key), inner)
    elif (
        isinstance(one, list)
        and isinstance(other, list)
        and len(one) == len(other)
        and sorted(map(canonical, one)) != sorted(map(canonical, other))
    ):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _leaves(left, right, f"{path}[{place}]")
    elif canonical(one) != canonical(other):
        yield path, one, other


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)


def _spans(before: str, after: str) -> Iterator[tuple[str, str, str]]:
    """The first pieces of two texts that differ, each with what it is."""
    if sorted(_TOKEN.findall(before)) == sorted(_TOKEN.findall(after)):
        yield (*_middles(before, after), "order")
        return
    old, new = _WORD.findall(before), _WORD.findall(after)
    whole = _kind(before, after)
    for i, j, k, n in islice(_changes(old, new), _MOST_SPANS):
        left, right = "".join(old[i:j]), "".join(new[k:n])
        lead = "".join(old[:i])[-_CONTEXT:]
        yield f"{lead}{left}", f"{lead}{right}", _kind(left, right) or whole or "value"


def _kind(before: str, after: str) -> str:
    """What both are, when they differ in volatile values only."""
    renamed = normalise(before)
    if renamed != normalise(after):
        return ""
    found = _KIND.search(renamed)
    return found[1] if found else ""


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Slices of both that differ."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    last, end = len(old) - tail, len(new) - tail
    if max(last, end) - head > _MOST_WORDS:
        yield head, last, head, end
        return
    matcher = SequenceMatcher(None, old[head:last], new[head:end], autojunk=False)
    for op, i, j, k, n in matcher.get_opcodes():
        if op != "equal":
            yield head + i, head + j, head + k, head + n


def _middles(before: str, after: str) -> tuple[str, str]:
    """Both texts from a little before the first word that differs to the last one."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    lead = "".join(old[:head])[-_CONTEXT:]
    one, other = ("".join(words[head : len(words) - tail]) for words in (old, new))
    return f"{lead}{one}", f"{lead}{other}"


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the common beginning."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
