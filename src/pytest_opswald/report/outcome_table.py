"""The outcome, check by check: expected beside actual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_opswald.diff.difference import Check

from .changes import word_lines
from .paper import Line, Paper, Span, columns, padded, shortened
from .phrases import literal
from .wording import hunks

_MARKS = {"pass": "✓", "fail": "✗", "advisory": "~", "unmeasured": "?"}
_INKS = {"pass": "good", "fail": "bad", "advisory": "note", "unmeasured": "note"}


def outcome_table(checks: Sequence[Check], paper: Paper) -> Iterator[str]:
    """A row a check; a text that differs is shown word by word instead of in two cells."""
    ids = max(map(columns, ("outcome", *(check.id for check in checks))))
    room = paper.width - ids - 6
    cells = [columns(_shown(c.expected)) for c in checks if _is_in_cells(c, room // 2)]
    cell = max(len("expected"), min(max(cells), room // 2)) if cells else 0
    heads = f"{padded('expected', cell)}  actual" if cell else ""
    yield paper.draw(Span(f"{padded('outcome', ids + 4)}  {heads}", "strong"))
    for check in checks:
        mark = Span(f"  {_MARKS[check.verdict]} ", _INKS[check.verdict])
        first, *more = _said(check, cell, paper, room) or [()]
        yield paper.draw(mark, f"{padded(check.id, ids)}  ", *first)
        yield from (paper.draw(" " * (ids + 6), *line) for line in more)
        is_told = check.verdict != "pass" or check.is_opinion
        if check.message and is_told and not _speaks_for_itself(check):
            indent = " " * (ids + 6)
            yield from paper.wrap(check.message, first=indent, rest=indent, ink="faint")


def _said(check: Check, cell: int, paper: Paper, room: int) -> list[Line]:
    expected, actual = _shown(check.expected), _shown(check.actual)
    if _speaks_for_itself(check):
        return [(Span(": ".join(filter(None, (expected, check.message)))),)]
    if expected == actual:
        return [(Span(actual),)]
    if _is_in_cells(check, room // 2):
        return [(Span(f"{padded(shortened(expected, cell), cell)}  {actual or '—'}"),)]
    found = hunks(check.expected, check.actual)
    if len(found) > 1:
        return word_lines(found, room, paper.verbosity)
    return [(Span(f"- {expected}", "bad"),), (Span(f"+ {actual}", "good"),)]


def _is_in_cells(check: Check, half: int) -> bool:
    """Whether expected and actual stand side by side: not when long or kindred texts differ."""
    expected, actual = _shown(check.expected), _shown(check.actual)
    if expected == actual or _speaks_for_itself(check):
        return False
    texts = isinstance(check.expected, str) and isinstance(check.actual, str)
    if check.verdict == "pass" or not texts:
        return True
    are_short = max(columns(expected), columns(actual)) <= half
    return are_short and len(hunks(check.expected, check.actual)) == 1


def _speaks_for_itself(check: Check) -> bool:
    """Whether its message stands for what was found."""
    return check.actual is None and bool(check.message or check.verdict == "pass")


def _shown(value: Any) -> str:
    """A value as JSON, a single word without quotes."""
    if isinstance(value, str) and value.isidentifier():
        return value
    return "" if value is None else literal(value)
