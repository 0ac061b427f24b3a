"""What is left of a secret where a text was shortened: `'sk-proj-Ab...'`."""

from __future__ import annotations

from collections.abc import Iterable

_DOTS = "..."
_SHORTEST = 6
"""Characters from which a remnant says too much."""


def without_remnants(text: str, secrets: Iterable[str]) -> str:
    """The text with beginnings before, and ends behind, its dots taken away."""
    if _DOTS not in text:
        return text
    known = [secret for secret in secrets if len(secret) > _SHORTEST]
    pieces = text.split(_DOTS)
    for secret in known:
        for place, piece in enumerate(pieces):
            if place < len(pieces) - 1:
                piece = piece[: len(piece) - _beginning(piece, secret)]
            if place:
                piece = piece[_end(piece, secret) :]
            pieces[place] = piece
    return _DOTS.join(pieces)


def _beginning(piece: str, secret: str) -> int:
    """How many characters of the secret's beginning the piece ends in."""
    lengths = range(min(len(secret), len(piece)), _SHORTEST - 1, -1)
    return next((length for length in lengths if piece.endswith(secret[:length])), 0)


def _end(piece: str, secret: str) -> int:
    """How many characters of the secret's end the piece begins with."""
    lengths = range(min(len(secret), len(piece)), _SHORTEST - 1, -1)
    return next((length for length in lengths if piece.startswith(secret[-length:])), 0)
