"""Where a value came from: what the user said, and what tools had told before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pytest_opswald.trace.steps import LlmCall, Step, ToolCall, ToolResult, UserInput
from pytest_opswald.trace.structural import is_text
from pytest_opswald.trace.volatile import canonical

from .facts import facts
from .units import calls_by_result
from .wording import bare, folded

_PROMPTS = {"system", "developer", "user"}


class Source:
    """Texts in which a value may stand."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __bool__(self) -> bool:
        return any(self._texts)

    @cached_property
    def _folded(self) -> str:
        return folded("\n".join(self._texts)).casefold()

    @cached_property
    def _facts(self) -> set[str]:
        return {form for text in self._texts for form in facts(text)}

    def holds(self, value: Any) -> bool:
        """Whether the value stands there, as a word or words of its own; never for an empty one."""
        text = "" if value is None else bare(str(value))
        pattern = rf"(?<!\w){re.escape(text)}(?!\w)"
        return bool(text) and text in self._folded and bool(re.search(pattern, self._folded))

    def states(self, forms: set[str]) -> bool:
        """Whether all these facts are told there; a day may have been told without its year."""
        return all(form in self._facts or _without_year(form) in self._facts for form in forms)


@dataclass(frozen=True)
class Ground:
    """What an agent had to go by when it acted."""

    said: Source
    """By the user and by those who wrote the prompt."""
    seen: Source
    """In the results of earlier tool calls."""
    tools: frozenset[str] = frozenset()
    """Names of the tools it had, in lower case."""

    def holds(self, value: Any) -> bool:
        return self.said.holds(value) or self.seen.holds(value)

    def states(self, forms: set[str]) -> bool:
        return self.said.states(forms) or self.seen.states(forms)


def whole_ground(steps: Sequence[Step]) -> Ground:
    """What there was to go by at the end of a run."""
    calls = (step for step in steps if isinstance(step, LlmCall))
    offered = {name.casefold() for call in calls for name in call.input.tools}
    called = {step.input.tool.casefold() for step in steps if isinstance(step, ToolCall)}
    return Ground(prompts(steps), Source(results(steps)), frozenset(offered | called))


def prompts(steps: Sequence[Step]) -> Source:
    """What was said to the agent in a run."""
    texts = [step.message for step in steps if isinstance(step, UserInput)]
    first = next((step for step in steps if isinstance(step, LlmCall)), None)
    if first:
        texts += [_text(m.content) for m in first.input.messages if m.role in _PROMPTS]
    return Source(texts)


def results(steps: Sequence[Step]) -> list[str]:
    """What each step told as a result of a tool, empty for others.

    A text that was put into the call and that the result repeats is no news.
    """
    calls = calls_by_result(steps)
    return [
        _news(step, steps[calls[place]] if place in calls else None)
        if isinstance(step, ToolResult)
        else ""
        for place, step in enumerate(steps)
    ]


def _news(result: ToolResult, call: Step | None) -> str:
    told = _text(result.output.result)
    given = call.input.arguments.values() if isinstance(call, ToolCall) else ()
    for text in filter(is_text, given):
        told = told.replace(text, " ")
    return told


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else canonical(value)


def _without_year(form: str) -> str:
    kind, _, day = form.partition(" ")
    return f"date {day[5:]}" if kind == "date" and len(day) == len("2026-03-05") else form
