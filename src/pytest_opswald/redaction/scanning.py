"""The second, independent look: secrets in the text of a file, told without saying them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from .detector import Detector
from .rules import Rules


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


def disabled_in(text: str) -> Rules:
    """The rules that hold for a golden: all but those that its header names as disabled."""
    try:
        match json.loads(text):
            case {"redaction": {"disabled": list(disabled)}}:
                return Rules(frozenset(filter(_is_text, disabled)))
    except (ValueError, RecursionError):
        pass
    return Rules()


def _is_text(value: object) -> bool:
    return isinstance(value, str)
