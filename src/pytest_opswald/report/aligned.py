"""The aligned run: one line a step, folded around what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_opswald.trace.steps import Step, ToolCall

from .amounts import counted
from .changes import SIDE, short, swapped
from .paper import Line, Paper, Span, padded
from .phrases import literal, phrase, subject
from .summary import Row

_SYMBOLS = {"equal": "=", "changed": "~", "missing": "-", "extra": "+", "moved": "⇅"}
_INKS = {"equal": "faint", "changed": "note", "missing": "bad", "extra": "good", "moved": "note"}


class Fold(NamedTuple):
    """Rows that are not shown."""

    equal: int
    following: tuple[int, ...]
    """Steps that the other hidden rows follow from, distinct."""
    followers: int


def aligned(rows: Sequence[Row], paper: Paper) -> Iterator[str]:
    """Every row when verbose; else what differs, a neighbour on either side, and folds."""
    parts = list(rows) if paper.verbosity > 0 else list(_folded(rows))
    kinds = max((len(part.step.type) for part in parts if isinstance(part, Row)), default=0)
    numbers = _Numbers(rows)
    for part in parts:
        if isinstance(part, Fold):
            yield paper.draw(f"  {'⋮':>{numbers.width}} ", Span(_fold(part), "faint"))
        else:
            yield paper.draw(f"  {numbers.of(part)} ", *_row(part, kinds))


class _Numbers:
    """Step numbers in one column while golden and run agree, in two when they do not."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._two = any(_number(row.golden) != _number(row.actual) for row in rows)
        steps = [step for row in rows for step in (row.golden, row.actual)]
        self._digits = max((len(_number(step)) for step in steps), default=1)
        self.width = self._digits * 2 + 1 if self._two else self._digits

    def of(self, row: Row) -> str:
        if not self._two:
            return f"{_number(row.golden):>{self._digits}}"
        return f"{_number(row.golden):>{self._digits}} {_number(row.actual):>{self._digits}}"


def _number(step: Step | None) -> str:
    return str(step.step_number) if step else ""


def _folded(rows: Sequence[Row]) -> Iterator[Row | Fold]:
    shown = {
        near
        for index, row in enumerate(rows)
        if row.differs and row.follows is None
        for near in (index - 1, index, index + 1)
    }
    hidden: list[Row] = []
    for index, row in enumerate(rows):
        if index in shown and (row.follows is None or not row.differs):
            yield from _fold_of(hidden)
            hidden = []
            yield row
        else:
            hidden.append(row)
    yield from _fold_of(hidden)


def _fold_of(hidden: Sequence[Row]) -> Iterator[Row | Fold]:
    followers = [row.follows for row in hidden if row.differs and row.follows is not None]
    if len(hidden) == 1 and not followers:
        yield hidden[0]
    elif hidden:
        yield Fold(len(hidden) - len(followers), tuple(dict.fromkeys(followers)), len(followers))


def _fold(fold: Fold) -> str:
    told = [counted(fold.equal, "equal step")] if fold.equal else []
    if fold.followers:
        causes = " and ".join(f"step {number}" for number in fold.following)
        verb = "differs" if fold.followers == 1 else "differ"
        noun = counted(fold.followers, "step") if not told else str(fold.followers)
        told.append(f"{noun} that {verb} only because of {causes}")
    return ", ".join(told)


def _row(row: Row, kinds: int) -> Line:
    ink = _INKS[row.op]
    start = Span(f"{_SYMBOLS[row.op]} {padded(row.step.type, kinds)}  ", ink)
    if row.op == "changed":
        return (start, *_changed(row))
    return (start, Span(phrase(row.actual or row.step), "" if row.op == "moved" else ink))


def _changed(row: Row) -> Line:
    golden, actual = row.golden, row.actual
    if isinstance(golden, ToolCall) and isinstance(actual, ToolCall):
        return _changed_call(golden, actual)
    if not row.changes:
        return (Span(phrase(row.step)),)
    name = subject(row.step)
    first, *others = row.told
    more = f" (+{len(others)} more)" if others else ""
    return (Span(f"{name} " if name else ""), *short(first), Span(more, "faint"))


def _changed_call(golden: ToolCall, actual: ToolCall) -> Line:
    """`refund(order_id=42, amount=[19.9 → 25.0])`."""
    before, after = golden.input.arguments, actual.input.arguments
    line: list[Span] = [Span(f"{golden.input.tool}(")]
    for index, name in enumerate(dict.fromkeys([*before, *after])):
        line.append(Span(", " if index else ""))
        line += _argument(name, before, after)
    return (*line, Span(")"))


def _argument(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Line:
    if name not in after:
        return swapped(f"{name}={literal(before[name])}", "", SIDE)
    if name not in before:
        return swapped("", f"{name}={literal(after[name])}", SIDE)
    if before[name] == after[name] and literal(before[name]) == literal(after[name]):
        return (Span(f"{name}={literal(after[name])}"),)
    return (Span(f"{name}="), *swapped(literal(before[name]), literal(after[name]), SIDE))
