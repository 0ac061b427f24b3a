"""What changed inside a text, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"\w+(?:[.,:@/'\u2019-]\w+)*|\s+|[^\w\s]")
_SENTENCE = re.compile(r"[.!?:;]\s+|\n+")
_CLAUSE = re.compile(r"(?<=[.,;!?}\]]\s)|(?<=\n)")
_MOST_PAIRS = 2_000_000
"""Pairs of equal words, or clauses, past which they are not matched one by one."""
_KINSHIP = 0.5
"""Share of common words below which two texts are simply different."""


class Hunk(NamedTuple):
    """A piece of text on both sides; equal when both are the same."""

    old: str
    new: str

    @property
    def equal(self) -> bool:
        return self.old == self.new


Pieces = Callable[[str, str], Iterator[Hunk]]


@lru_cache(maxsize=16)
def hunks(old: str, new: str) -> tuple[Hunk, ...]:
    """Both texts as alternating equal and changed pieces; one changed piece when unrelated."""
    found = _settled(_joined(_by_word(old, new, beyond=_by_clause)))
    return tuple(found) if _kinship(found) >= _KINSHIP else (Hunk(old, new),)


def _by_word(old: str, new: str, *, beyond: Pieces) -> Iterator[Hunk]:
    return _matched(_TOKEN.findall(old), _TOKEN.findall(new), beyond)


def _by_clause(old: str, new: str) -> Iterator[Hunk]:
    """Long texts: clauses first, then the words of those that differ."""
    for piece in _matched(_CLAUSE.split(old), _CLAUSE.split(new), _whole):
        if piece.equal:
            yield piece
        else:
            yield from _by_word(*piece, beyond=_whole)


def _whole(old: str, new: str) -> Iterator[Hunk]:
    yield Hunk(old, new)


def _matched(before: Sequence[str], after: Sequence[str], beyond: Pieces) -> Iterator[Hunk]:
    """What both have in common, and what not; too large a middle is left to `beyond`."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    start, end = "".join(before[:head]), "".join(before[len(before) - tail :])
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    yield Hunk(start, start)
    if _equal_pairs(before, after) > _MOST_PAIRS:
        yield from beyond("".join(before), "".join(after))
    else:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        for _, i, j, k, n in matcher.get_opcodes():
            yield Hunk("".join(before[i:j]), "".join(after[k:n]))
    yield Hunk(end, end)


def _joined(pieces: Iterable[Hunk]) -> list[Hunk]:
    """Changes with nothing but a space or a sign between them read better as one."""
    joined: list[Hunk] = []
    for piece in pieces:
        if not piece.old and not piece.new:
            continue
        joined.append(piece)
        while len(joined) >= 2 and not joined[-1].equal and not joined[-2].equal:
            joined[-2:] = [_both(joined[-2], joined[-1])]
        if len(joined) >= 3 and not joined[-1].equal and _slight(joined[-2]):
            joined[-3:] = [_both(_both(joined[-3], joined[-2]), joined[-1])]
    return joined


def _settled(pieces: Sequence[Hunk]) -> list[Hunk]:
    """Whole sentences and lines that came or went are shown whole.

    `… 9 days. Rule 3 ends after [9 days. Rule 4 ends after ]…` says the same as
    `… after 9 days. [Rule 4 ends after 9 days. ]…`, and less well.
    """
    settled = list(pieces)
    for index in range(1, len(settled) - 1):
        before, hunk, after = settled[index - 1 : index + 2]
        if before.equal and after.equal and not (hunk.old and hunk.new):
            settled[index - 1 : index + 2] = _slid(before.old, hunk, after.old)
    return [piece for piece in settled if piece.old or piece.new]


def _slid(before: str, hunk: Hunk, after: str) -> list[Hunk]:
    text = hunk.old or hunk.new
    for end in _SENTENCE.finditer(text):
        start, rest = text[: end.end()], text[end.end() :]
        if rest and after.startswith(start):
            before, text, after = before + start, rest + start, after.removeprefix(start)
            break
        if rest and before.endswith(rest):
            before, text, after = before.removesuffix(rest), rest + start, rest + after
            break
    changed = Hunk(text, "") if hunk.old else Hunk("", text)
    return [Hunk(before, before), changed, Hunk(after, after)]


def _slight(piece: Hunk) -> bool:
    return piece.equal and len(piece.old) <= 2 and not any(char.isalnum() for char in piece.old)


def _both(one: Hunk, other: Hunk) -> Hunk:
    return Hunk(one.old + other.old, one.new + other.new)


def _kinship(pieces: Sequence[Hunk]) -> float:
    common = sum(len(piece.old) for piece in pieces if piece.equal)
    return 2 * common / max(1, sum(len(piece.old) + len(piece.new) for piece in pieces))


def _equal_pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """What matching costs: a word that stands often on both sides is tried each with each."""
    there = Counter(after)
    return sum(count * there[word] for word, count in Counter(before).items())


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
