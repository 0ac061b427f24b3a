"""What an LLM says of a final message that it was asked to grade."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from textwrap import shorten

from .message_rule import Judge

_MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Grade:
    """One sample."""

    score: float
    """From 0 to 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking for grades took; it belongs to no run."""

    tokens: int = 0
    """In and out."""
    usd: float = 0.0
    unpriced: int = 0
    """Calls of unknown price, which `usd` is without."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.tokens + other.tokens, self.usd + other.usd, self.unpriced + other.unpriced
        )


@dataclass(frozen=True, slots=True)
class Grades:
    """All samples of one message."""

    given: tuple[Grade, ...] = ()
    problem: str = ""
    """Why there are not as many as were asked for; then they say nothing."""
    spent: Spent = field(default_factory=Spent)

    @property
    def score(self) -> float:
        """The median; not a number where nobody graded."""
        if not self.given:
            return math.nan
        # The mean of 0.6 and 0.7 is less than 0.65, for a computer.
        return round(median(grade.score for grade in self.given), 4)

    @property
    def reason(self) -> str:
        """That of the sample which the median is, or the next below it."""
        ranked = sorted(self.given, key=lambda grade: grade.score)
        return ranked[(len(ranked) - 1) // 2].reason if ranked else ""

    def redacted(self, clean: Callable[[str], str]) -> Grades:
        """With what judges and providers wrote made clean, and no longer than anybody reads."""

        def one_line(text: str) -> str:
            return shorten(clean(text), _MOST_CHARACTERS, placeholder="…")

        given = tuple(replace(grade, reason=one_line(grade.reason)) for grade in self.given)
        return replace(self, given=given, problem=one_line(self.problem))


Grader = Callable[[Judge, str, str], Grades]
"""Has a message graded: by which rule, what the user had asked, the message."""
