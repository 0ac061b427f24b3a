"""What changed inside a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_TOKEN = re.compile(r"\w+(?:[.,:@/'\u2019-]\w+)*|\s+|[^\w\s]")
_SENTENCE = re.compile(r"[.!?:;]\s+|\n+")
_TABLE_LIMIT = 4_000_000
"""Pairs of words past which the changed middle is not searched for common words."""
_KINSHIP = 0.3
"""Share of common words below which two texts are simply different."""


class Hunk(NamedTuple):
    """A piece of text on both sides; equal when both are the same."""

    old: str
    new: str

    @property
    def equal(self) -> bool:
        return self.old == self.new


def hunks(old: str, new: str) -> list[Hunk]:
    """Both texts as alternating equal and changed pieces; one changed piece when unrelated."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    found = _settled(_joined(list(_pieces(before, after))))
    return found if _kinship(found) >= _KINSHIP else [Hunk(old, new)]


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[Hunk]:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    yield Hunk("".join(before[:head]), "".join(before[:head]))
    yield from _middle(before[head : len(before) - tail], after[head : len(after) - tail])
    end = "".join(before[len(before) - tail :])
    yield Hunk(end, end)


def _middle(before: Sequence[str], after: Sequence[str]) -> Iterator[Hunk]:
    if len(before) * len(after) > _TABLE_LIMIT:
        yield Hunk("".join(before), "".join(after))
        return
    for _, i, j, k, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield Hunk("".join(before[i:j]), "".join(after[k:n]))


def _joined(pieces: Sequence[Hunk]) -> list[Hunk]:
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


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
