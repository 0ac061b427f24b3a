"""The second, independent look: secrets in the text of a file, told without saying them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .detector import Detector


class Leak(NamedTuple):
    """Where a secret stands."""

    line: int
    """From 1."""
    column: int
    """From 1."""
    rule: str


def leaks(text: str, detector: Detector) -> Iterator[Leak]:
    """Every secret in a text, in order."""
    line, start = 1, 0
    for span in detector.find(text):
        line += text.count("\n", start, span.start)
        start = span.start
        yield Leak(line, span.start - text.rfind("\n", 0, span.start), span.rule)
