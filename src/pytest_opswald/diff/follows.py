"""Rows that differ only because an earlier one did.

A changed tool result stands in every later request, a changed prompt in every request of the
conversation. Such requests are still changed; they name the step they follow from, so that a
report can tell each difference once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pytest_opswald.trace.steps import (
    Error,
    LlmCall,
    Response,
    Step,
    ToolCall,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.volatile import canonical

from .difference import Change, StepPair
from .naming import root_of

_ENVELOPE = {"id", "type", "role", "name", "status", "object", "function"} | {
    "tool_call_id",
    "tool_use_id",
    "call_id",
}
"""Keys of a message that say how it is packed, not what was said."""
_MOST_TRIED = 500
"""As many differences, the first ones, are looked for inside later texts; all are known by their
whole text."""


def with_follows(rows: Iterable[StepPair]) -> Iterator[StepPair]:
    """The rows, those that merely repeat an earlier difference with its step number."""
    history = _History()
    for row in rows:
        if row.op != "equal":
            root = history.root_of(row) if row.follows is None else row.follows
            row = replace(row, follows=root)
            history.note(row, number_of(row) if root is None else root)
        yield row


def number_of(row: StepPair) -> int:
    """What a row is called by: the golden's step number, else the run's."""
    step = row.golden or row.actual
    return step.step_number if step else 0


@dataclass(slots=True)
class _History:
    """What differed so far, as texts; each with the number of the step where it first did."""

    changed: dict[tuple[str, str], int] = field(default_factory=dict)
    was_said: dict[str, int] = field(default_factory=dict)
    """Only in the golden."""
    is_said: dict[str, int] = field(default_factory=dict)
    """Only in this run."""

    def root_of(self, row: StepPair) -> int | None:
        """The step that explains all that changed in this row; None when one thing is new."""
        if row.op != "changed" or not row.changes or not _repeats(row):
            return None
        roots = [self._explained(change) for change in row.changes]
        found = [root for root in roots if root is not None]
        return found[0] if len(found) == len(roots) else None

    def note(self, row: StepPair, number: int) -> None:
        for change in row.changes:
            self._pair(change.expected, change.actual, number)
        was = [_text(value) for value in _sayings(row.golden)]
        now = [_text(value) for value in _sayings(row.actual)]
        for expected, actual in zip(was, now, strict=False):
            self._pair(expected, actual, number)
        both = set() if row.op == "moved" else {*was} & {*now}
        for said, texts in ((self.was_said, was), (self.is_said, now)):
            for text in texts:
                if text not in both:
                    said.setdefault(text, number)

    def _pair(self, expected: Any, actual: Any, number: int) -> None:
        one, other = _text(expected), _text(actual)
        if one != other:
            self.changed.setdefault((one, other), number)

    def _explained(self, change: Change) -> int | None:
        match change.kind:
            case "added":
                return _all_known(change.actual, self.is_said)
            case "removed":
                return _all_known(change.expected, self.was_said)
        return self._replaced(_text(change.expected), _text(change.actual))

    def _replaced(self, expected: str, actual: str) -> int | None:
        """The step whose change, made in `expected`, gives `actual`."""
        if root := self.changed.get((expected, actual)):
            return root
        rewritten, roots = expected, []
        for (was, now), number in islice(self.changed.items(), _MOST_TRIED):
            if was and was in rewritten:
                rewritten = rewritten.replace(was, now)
                roots.append(number)
        return roots[0] if roots and rewritten == actual else None


def _repeats(row: StepPair) -> bool:
    """Whether a row of this kind can owe its difference to earlier ones."""
    if isinstance(row.golden, LlmCall):
        return all(root_of(change.path) in {"request", "input"} for change in row.changes)
    return isinstance(row.golden, Response | Error)


def _sayings(step: Step | None) -> Iterator[Any]:
    """What of a step later requests repeat."""
    match step:
        case UserInput():
            yield step.message
        case LlmCall():
            yield step.output.content
            yield from (call.arguments for call in step.output.tool_calls)
        case ToolCall():
            yield step.input.arguments
        case ToolResult():
            yield step.output.result


def _text(value: Any) -> str:
    """One text per value, whether it is told as JSON or as text that holds JSON."""
    if not isinstance(value, str):
        return canonical(value)
    if value[:1] in {"{", "["}:
        try:
            return canonical(json.loads(value))
        except ValueError:
            pass
    return value


def _all_known(value: Any, known: dict[str, int]) -> int | None:
    """The first step that explains a message that came or went, when everything in it is known."""
    roots = [known.get(_text(said)) for said in _said(value)]
    found = [root for root in roots if root is not None]
    return found[0] if found and len(found) == len(roots) else None


def _said(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            packed = {key for key in value if key in _ENVELOPE and isinstance(value[key], str)}
            for key, item in value.items():
                if key in {"arguments", "input"}:
                    yield item
                elif key not in packed:
                    yield from _said(item)
        case list():
            for item in value:
                yield from _said(item)
        case None | "":
            return
        case _:
            yield value
