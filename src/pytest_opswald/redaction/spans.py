"""Stretches of a text that hold a secret."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """One secret in a text."""

    start: int
    end: int
    rule: str
    """Id of the rule that found it, by which it can be disabled."""
    kind: str
    """What the placeholder calls it."""


def joined(found: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one, called as the first that was found."""
    ranked = sorted(enumerate(found), key=lambda each: (each[1].start, -each[1].end))
    whole: list[tuple[int, Span]] = []
    for rank, span in ranked:
        if not whole or span.start >= whole[-1][1].end:
            whole.append((rank, span))
            continue
        best, last = whole[-1]
        named = span if rank < best else last
        end = max(span.end, last.end)
        whole[-1] = (min(rank, best), named._replace(start=last.start, end=end))
    return [span for _, span in whole]


def outside(found: Iterable[Span], taken: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """The spans that touch none of the stretches, which are in order and apart."""
    ends = [end for _, end in taken]
    for span in found:
        next_one = bisect_right(ends, span.start)
        if next_one == len(taken) or taken[next_one][0] >= span.end:
            yield span
