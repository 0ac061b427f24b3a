"""How a rule behaves for a known pass rate: exact, by walking every way trials can go."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .rules import Rule


@dataclass(frozen=True, slots=True)
class Chances:
    """What to expect of a rule; probabilities from 0 to 1."""

    green: float
    red: float
    trials: float
    """Mean number of trials."""


def chances(rule: Rule, rate: float) -> Chances:
    """Probability of either verdict when each trial passes with probability `rate`."""
    open_ways: dict[int, float] = {0: 1.0}
    ended = {"pass": 0.0, "fail": 0.0}
    mean = 0.0
    for trial in range(1, rule.most + 1):
        mean += sum(open_ways.values())
        reached: defaultdict[int, float] = defaultdict(float)
        for passes, weight in open_ways.items():
            reached[passes + 1] += weight * rate
            reached[passes] += weight * (1 - rate)
        open_ways = {}
        for passes, weight in reached.items():
            verdict = rule.decided(passes, trial - passes)
            if verdict is None:
                open_ways[passes] = weight
            else:
                ended[verdict] += weight
    return Chances(green=ended["pass"], red=ended["fail"], trials=mean)
