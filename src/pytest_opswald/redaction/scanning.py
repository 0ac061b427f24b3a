"""The second, independent look: secrets in the text of a file, told without saying them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from .detector import Detector
from .known import in_environment
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


def detector_for(text: str, rules: Rules, variables: Mapping[str, str]) -> Detector:
    """For a file of a project, by its rules but those that a golden's header names as disabled."""
    disabled = rules.disabled | _disabled_in(text)
    known = {**rules.known, **dict(in_environment(variables))}
    return Detector(replace(rules, disabled=disabled), known)


def _disabled_in(text: str) -> frozenset[str]:
    try:
        match json.loads(text):
            case {"redaction": {"disabled": list(disabled)}}:
                return frozenset(filter(_is_text, disabled))
    except (ValueError, RecursionError):
        pass
    return frozenset()


def _is_text(value: object) -> bool:
    return isinstance(value, str)
