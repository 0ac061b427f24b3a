"""The outcome, check by check: expected beside actual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_opswald.diff.difference import Check

from .changes import word_lines
from .paper import Line, Paper, Span, columns, padded
from .phrases import literal
from .wording import hunks

_MARKS = {"pass": "✓", "fail": "✗", "advisory": "~", "unmeasured": "?"}
_INKS = {"pass": "good", "fail": "bad", "advisory": "note", "unmeasured": "note"}


def outcome_table(checks: Sequence[Check], paper: Paper) -> Iterator[str]:
    """A row a check; a text that differs is shown word by word instead of in two cells."""
    ids = max(map(columns, ("outcome", *(check.id for check in checks))))
    cell = _cell_width(checks, paper.width - ids - 8)
    heads = f"{padded('expected', cell)}  actual" if cell else ""
    yield paper.draw(Span(f"{padded('outcome', ids + 4)}  {heads}", "strong"))
    for check in checks:
        mark = Span(f"  {_MARKS[check.verdict]} ", _INKS[check.verdict])
        first, *more = _said(check, cell, paper, paper.width - ids - 6) or [()]
        yield paper.draw(mark, f"{padded(check.id, ids)}  ", *first)
        yield from (paper.draw(" " * (ids + 6), *line) for line in more)
        if check.message and check.verdict != "pass" and not _speaks_for_itself(check):
            indent = " " * (ids + 6)
            yield from paper.wrap(check.message, first=indent, rest=indent, ink="faint")


def _said(check: Check, cell: int, paper: Paper, room: int) -> list[Line]:
    if _tells_words(check):
        return word_lines(hunks(check.expected, check.actual), room, paper.verbosity)
    expected, actual = _shown(check.expected), _shown(check.actual)
    if _speaks_for_itself(check):
        return [(Span(": ".join(filter(None, (expected, check.message)))),)]
    if expected == actual:
        return [(Span(actual),)]
    return [(Span(f"{padded(_cut(expected, cell), cell)}  {actual or '—'}"),)]


def _speaks_for_itself(check: Check) -> bool:
    """Whether its message stands for what was found."""
    return check.actual is None and bool(check.message or check.verdict == "pass")


def _tells_words(check: Check) -> bool:
    """Whether both are texts, and have words in common."""
    return (
        check.verdict != "pass"
        and isinstance(check.expected, str)
        and isinstance(check.actual, str)
        and len(hunks(check.expected, check.actual)) > 1
    )


def _cell_width(checks: Sequence[Check], room: int) -> int:
    """Columns of what was expected; 0 when no row has two cells."""
    widths = [
        columns(expected)
        for check in checks
        if (expected := _shown(check.expected)) != _shown(check.actual)
        and not (_tells_words(check) or _speaks_for_itself(check))
    ]
    return max(len("expected"), min(max(widths), room // 2)) if widths else 0


def _cut(text: str, width: int) -> str:
    while columns(text) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text


def _shown(value: Any) -> str:
    """A value as JSON, a single word without quotes."""
    if isinstance(value, str) and value.isidentifier():
        return value
    return "" if value is None else literal(value)
