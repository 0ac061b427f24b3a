"""One changed value, drawn: short as `[19.9 → 25.0]`, long as what was and what is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from pytest_opswald.diff.difference import Change
from pytest_opswald.trace.steps import Custom, LlmCall, Step

from .paper import Line, Paper, Span, columns, shortened
from .phrases import literal
from .wording import Hunk, hunks

_CONTEXT = 30
"""Characters of unchanged text shown on either side of each of several changes."""
SIDE = 28
"""Columns of either side of a change that is shown within a row."""
_MOST_LINES = 10
"""Lines that show the changed places of one text before `-v`."""
_LEAST_CONTEXT = 16
"""Characters of unchanged text without which a change cannot be placed."""
_PREFIX = re.compile(r"^(?:input\.arguments|request|input)(?:\.|$)")
_MESSAGE = re.compile(r"(messages|input)\[(\d+)\]")


def swapped(old: str, new: str, most: int | None = None) -> Line:
    """`[old → new]`, `[-old]` or `[+new]`, each side cut to `most` columns."""
    if most:
        old, new = shortened(old, most), shortened(new, most)
    if not new:
        return (Span(f"[-{old}]", "bad"),)
    if not old:
        return (Span(f"[+{new}]", "good"),)
    return (Span("["), Span(old, "bad"), Span(" → ", "faint"), Span(new, "good"), Span("]"))


def short(change: Change) -> Line:
    """The change within a row: `messages[0].content [helpful → terse]`."""
    label = Span(f"{path(change)} ")
    if isinstance(change.expected, str) and isinstance(change.actual, str):
        changed = [hunk for hunk in hunks(change.expected, change.actual) if not hunk.equal]
        shown = [swapped(one_line(hunk.old), one_line(hunk.new), SIDE) for hunk in changed[:2]]
        spaced = [part for line in shown for part in (*line, Span(" "))]
        return (label, *spaced[:-1], Span(" …" if len(changed) > len(shown) else ""))
    return (label, *swapped(*_sides(change), SIDE))


def path(change: Change, step: Step | None = None) -> str:
    """Where it is, without what goes without saying; with the role of a message."""
    shown = _PREFIX.sub("", change.path) or change.path
    role = _role(shown, step)
    return f"{shown} ({role})" if role else shown


def full(change: Change, paper: Paper, step: Step | None = None) -> Iterator[str]:
    """The change as lines of its own."""
    where = path(change, step)
    if isinstance(change.expected, str) and isinstance(change.actual, str):
        found = hunks(change.expected, change.actual)
        if len(found) > 1:
            yield from _text(where, found, paper)
            return
    for sign, value, ink in zip("-+", _sides(change), ("bad", "good"), strict=True):
        if value and paper.verbosity > 0:
            first = f"  {sign} {where} = "
            yield from paper.wrap(value, first=first, rest=" " * columns(first), ink=ink)
        elif value:
            yield paper.draw("  ", Span(f"{sign} {where} = {value}", ink))


def word_lines(found: Sequence[Hunk], room: int, verbosity: int) -> list[Line]:
    """Every changed place of a text with a little of what stands around it, a line each."""
    places = [index for index, hunk in enumerate(found) if not hunk.equal]
    context = room if len(places) == 1 else _CONTEXT
    most = len(places) if verbosity > 0 else _MOST_LINES
    lines: list[Line] = []
    for index in places[:most]:
        line = _place(found, index, room, context)
        lines += [line] if line else _apart(found[index], room)
    if verbosity <= 0 and (hidden := len(lines[most:]) + len(places[most:])):
        return [*lines[:most], (Span(f"… {hidden} more lines, shown by -v", "faint"),)]
    return lines


def _text(where: str, found: Sequence[Hunk], paper: Paper) -> Iterator[str]:
    label = f"  {where}: "
    lines = word_lines(found, paper.width - columns(label), paper.verbosity)
    if len(lines) == 1:
        yield paper.draw(label, *lines[0])
        return
    yield paper.draw(label)
    for line in word_lines(found, paper.width - 4, paper.verbosity):
        yield paper.draw("    ", *line)


def _apart(hunk: Hunk, room: int) -> Iterator[Line]:
    for sign, text, ink in (("-", hunk.old, "bad"), ("+", hunk.new, "good")):
        for paragraph in text.strip().splitlines():
            for line in wrap(paragraph, room - 2):
                yield (Span(f"{sign} {line}", ink),)


def _place(found: Sequence[Hunk], index: int, room: int, context: int) -> Line | None:
    """One change, as wide as it is, amid as much of its surroundings as fits."""
    hunk = found[index]
    marked = swapped(one_line(hunk.old), one_line(hunk.new))
    before = one_line("".join(piece.new for piece in found[:index]))
    after = one_line("".join(piece.new for piece in found[index + 1 :]))
    left = room - sum(columns(span.text) for span in marked)
    if left < min(_LEAST_CONTEXT, len(before) + len(after)):
        return None
    half = min(context, max(left // 2, left - len(after)))
    head = _ending(before, half)
    tail = _beginning(after, min(context, left - len(head)))
    return (Span(head, "faint"), *marked, Span(tail, "faint"))


def _ending(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    kept = text[len(text) - width + 1 :]
    return f"…{kept[kept.find(' ') :] if ' ' in kept.rstrip() else kept}"


def _beginning(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    kept = text[: width - 1]
    return f"{kept[: kept.rfind(' ') + 1] if ' ' in kept.lstrip() else kept}…"


def _sides(change: Change) -> tuple[str, str]:
    old = "" if change.kind == "added" else literal(change.expected)
    new = "" if change.kind == "removed" else literal(change.actual)
    return old, new


def one_line(text: str) -> str:
    """The text with its line breaks shown."""
    return text.replace("\n", "⏎")


def _role(shown: str, step: Step | None) -> str:
    match = _MESSAGE.match(shown)
    if match is None or not isinstance(step, LlmCall | Custom) or step.http is None:
        return ""
    return _role_of(step.http.request, match[1], int(match[2]))


def _role_of(request: Any, key: str, index: int) -> str:
    messages = request.get(key) if isinstance(request, Mapping) else None
    if not isinstance(messages, list) or index >= len(messages):
        return ""
    message = messages[index]
    return str(message.get("role", "")) if isinstance(message, Mapping) else ""
