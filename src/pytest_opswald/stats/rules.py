"""When trials of one test are enough, and what they say.

rule = parse_rule("4/5")
rule.decided(passes=4, fails=0)     # "pass": the fifth trial could change nothing
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

Verdict = Literal["pass", "fail", "inconclusive"]
USUAL_SHARE = 0.8
"""Share of trials that must pass when nothing else is said: 5 needs 4."""
MOST_TRIALS = 1000


class Rule(Protocol):
    """Decides after every trial; each trial passes or fails."""

    @property
    def most(self) -> int:
        """Trials after which it always knows."""

    def decided(self, passes: int, fails: int) -> Verdict | None:
        """The verdict; None while another trial is needed."""

    def __str__(self) -> str:
        """`4 of 5`, `auto, at most 20`."""


@dataclass(frozen=True, slots=True)
class KOfN:
    """So many of so many must pass; over as soon as the rest cannot change the verdict."""

    need: int
    of: int
    curtailed: bool = True
    """False runs all of them: a rate over trials that stopped early would be biased."""

    @property
    def most(self) -> int:
        return self.of

    def decided(self, passes: int, fails: int) -> Verdict | None:
        if not self.curtailed and passes + fails < self.of:
            return None
        if passes >= self.need:
            return "pass"
        return "fail" if fails > self.of - self.need else None

    def __str__(self) -> str:
        return f"{self.need} of {self.of}"


@dataclass(frozen=True, slots=True)
class Sprt:
    """Wald's sequential test of a good pass rate against a bad one, cut off at `most` trials.

    At the cut-off the likelier of the two rates wins.
    """

    good: float = 0.9
    bad: float = 0.6
    alpha: float = 0.05
    """Chance to fail an agent whose rate is `good`, before the cut-off."""
    beta: float = 0.1
    """Chance to pass an agent whose rate is `bad`, before the cut-off."""
    most: int = 20

    def decided(self, passes: int, fails: int) -> Verdict | None:
        evidence = self.evidence(passes, fails)
        if evidence >= math.log((1 - self.alpha) / self.beta):
            return "pass"
        if evidence <= math.log(self.alpha / (1 - self.beta)):
            return "fail"
        if passes + fails < self.most:
            return None
        return "pass" if evidence > 0 else "fail"

    def evidence(self, passes: int, fails: int) -> float:
        """Log likelihood ratio, above 0 when `good` explains the trials better."""
        return passes * math.log(self.good / self.bad) + fails * math.log(
            (1 - self.good) / (1 - self.bad)
        )

    def __str__(self) -> str:
        return f"auto, at most {self.most}"


def parse_rule(text: object) -> Rule:
    """`5` (needs 4), `4/5` or `auto`. Raises ValueError, naming the smallest rule that could pass."""
    said = str(text).strip()
    if said == "auto":
        return Sprt()
    need, slash, of = said.rpartition("/")
    try:
        total = int(of)
        needed = int(need) if slash else max(1, math.ceil(round(USUAL_SHARE * total, 9)))
    except ValueError:
        raise ValueError(f"{said!r} is neither a number of trials, nor K/N, nor auto") from None
    return _reachable(needed, total)


def _reachable(need: int, of: int) -> KOfN:
    if of < 1 or need < 1:
        raise ValueError(f"{need}/{of} asks for nothing: the least is 1/1")
    if need > of:
        raise ValueError(
            f"{need} of {of} trials can never pass; the smallest rule that could is {need}/{need}"
        )
    if of > MOST_TRIALS:
        raise ValueError(f"{of} trials of every test are more than {MOST_TRIALS}")
    return KOfN(need, of)
