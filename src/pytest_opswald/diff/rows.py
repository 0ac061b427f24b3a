"""From the alignment to rows: what changed in each pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pytest_opswald.trace.steps import Response, Step, ToolCall

from .contents import differing_parts
from .difference import Change, Op, StepPair
from .steps import Link
from .values import changes


def rows_of(
    links: Iterable[Link],
    golden: Sequence[Step],
    actual: Sequence[Step],
    *,
    ignore: Sequence[str] = (),
) -> Iterator[StepPair]:
    """One row per link; changes below an ignored path do not count."""
    ignored = _globs(ignore)
    for link in links:
        one = None if link.golden is None else golden[link.golden]
        other = None if link.actual is None else actual[link.actual]
        found = [c for c in _changes(one, other) if not (ignored and ignored.match(c.path))]
        op = _op(link, found)
        call = None if link.call is None else (golden if one else actual)[link.call]
        follows = call.step_number if call and op not in {"equal", "changed"} else None
        yield StepPair(op, one, other, tuple(found), follows=follows)


def _op(link: Link, found: Sequence[Change]) -> Op:
    if link.golden is None:
        return "extra"
    if link.actual is None:
        return "missing"
    return "moved" if link.moved else "changed" if found else "equal"


def _changes(golden: Step | None, actual: Step | None) -> Iterator[Change]:
    if golden and actual:
        exact = isinstance(golden, ToolCall | Response)
        for name, one, other in differing_parts(golden, actual):
            yield from changes(name, one, other, exact=exact)


def _globs(ignore: Sequence[str]) -> re.Pattern[str] | None:
    """`*` is any text; an ignored path covers what lies below it."""
    if not ignore:
        return None
    globs = (".*".join(map(re.escape, path.split("*"))) for path in ignore)
    return re.compile(rf"(?:{'|'.join(globs)})(?:$|[.\[])", re.DOTALL)
