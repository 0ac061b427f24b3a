"""Trials of one test, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .rules import Rule, Verdict

Ended = Literal["pass", "fail", "infra"]
"""infra: the provider or the network failed, which says nothing about the agent."""
INFRA_SHARE = 0.2
"""Share of runs lost to infra errors above which nothing is concluded; one is always forgiven."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One live run of a test."""

    ended: Ended
    said: str = ""
    """One line: what failed."""
    breaches: tuple[str, ...] = ()
    """Checks that must hold in every trial and did not."""
    tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0

    @classmethod
    def parsed(cls, data: Mapping[str, Any]) -> Trial:
        """From what `asdict` and JSON made of one. Raises KeyError, TypeError."""
        return cls(**{**data, "breaches": tuple(data["breaches"])})


@dataclass(frozen=True, slots=True)
class Tally:
    """The trials so far under a rule."""

    rule: Rule
    trials: Sequence[Trial] = ()

    @property
    def passes(self) -> int:
        return self._count("pass")

    @property
    def fails(self) -> int:
        return self._count("fail")

    @property
    def infra(self) -> int:
        return self._count("infra")

    @property
    def valid(self) -> int:
        """Trials that count for the rate."""
        return self.passes + self.fails

    @property
    def breaches(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(b for trial in self.trials for b in trial.breaches))

    @property
    def verdict(self) -> Verdict | None:
        """None while another trial is needed. One breach is a fail, however many trials pass."""
        if self.breaches:
            return "fail"
        if self.infra > bearable(self.rule.most):
            return "inconclusive"
        decided = self.rule.decided(self.passes, self.fails)
        return "inconclusive" if decided and self.infra > bearable(self.valid) else decided

    @property
    def missing(self) -> int:
        """How many more valid trials a verdict takes at least; 0 when there is one."""
        if self.verdict in {"pass", "fail"}:
            return 0
        undecided = next(n for n in range(self.rule.most + 1) if self._could_end_after(n))
        diluted = math.ceil(self.infra * (1 - INFRA_SHARE) / INFRA_SHARE) - self.valid
        return max(undecided, diluted, 1)

    def _could_end_after(self, more: int) -> bool:
        return bool(
            self.rule.decided(self.passes + more, self.fails)
            or self.rule.decided(self.passes, self.fails + more)
        )

    def _count(self, ended: Ended) -> int:
        return sum(trial.ended == ended for trial in self.trials)


def bearable(valid: int) -> int:
    """Infra errors that so many valid trials bear."""
    return max(1, int(valid * INFRA_SHARE / (1 - INFRA_SHARE) + 1e-9))
