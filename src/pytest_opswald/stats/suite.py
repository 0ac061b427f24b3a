"""A whole suite against its baseline: one verdict for many goldens.

"Any golden that was green is now red" is red on most runs of an agent that has not changed at
all; paired tests over the suite are not, and still see every real drop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .paired import Ratio, benjamini_hochberg, mcnemar, ratio, sign_flip
from .rules import Verdict
from .trials import INFRA_SHARE, Trial

ALPHA = 0.05
LEAST_GOLDENS = 10
NOTICED_DROP = 0.05
"""Drop of the pass rate that is worth more trials when it is not yet proven."""
MEASURES: Mapping[str, Callable[[Trial], float]] = {
    "cost": lambda trial: trial.cost_usd,
    "tokens": lambda trial: trial.tokens,
    "latency": lambda trial: trial.latency_ms,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One golden: its baseline trials and those of this run."""

    golden: str
    baseline: tuple[Trial, ...]
    candidate: tuple[Trial, ...]
    tags: tuple[str, ...] = ()

    @property
    def before(self) -> float:
        """Pass rate of the baseline."""
        return _rate(self.baseline)

    @property
    def now(self) -> float:
        return _rate(self.candidate)

    @property
    def drop(self) -> float:
        return self.before - self.now


@dataclass(frozen=True, slots=True)
class TagVerdict:
    """One tag of the suite."""

    tag: str
    goldens: int
    drop: float
    q: float
    """p-value adjusted for the number of tags."""

    @property
    def failed(self) -> bool:
        return self.q <= ALPHA


@dataclass(frozen=True, slots=True)
class SuiteVerdict:
    """The suite, judged."""

    verdict: Verdict
    why: str
    """One sentence."""
    goldens: int = 0
    before: float = 0.0
    """Mean pass rate of the baseline, 0 to 1."""
    now: float = 0.0
    p: float | None = None
    """None when nothing could be compared."""
    worse: tuple[str, ...] = ()
    """Goldens whose pass rate dropped, the largest drop first."""
    tags: tuple[TagVerdict, ...] = ()
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    complete: bool = True
    """False when the comparison itself could not be made."""


def judge(pairs: Sequence[Pair]) -> SuiteVerdict:
    """Compare the suite with its baseline. A golden without a valid trial on both sides is left out."""
    usable = [pair for pair in pairs if _valid(pair.baseline) and _valid(pair.candidate)]
    if incomplete := _incomplete(usable, [trial for pair in pairs for trial in pair.candidate]):
        return SuiteVerdict("inconclusive", incomplete, goldens=len(usable), complete=False)
    p = p_value(usable)
    tags = _tags(usable)
    before, now = _mean(pair.before for pair in usable), _mean(pair.now for pair in usable)
    verdict, why = _verdict(usable, p, tags, before - now)
    return SuiteVerdict(
        verdict=verdict,
        why=why,
        goldens=len(usable),
        before=before,
        now=now,
        p=p,
        worse=tuple(p.golden for p in sorted(usable, key=lambda p: -p.drop) if p.drop > 0),
        tags=tags,
        ratios=_ratios(usable),
    )


def p_value(pairs: Sequence[Pair]) -> float:
    """McNemar's exact test on single trials, sign flips of the drops on several."""
    if all(len(_valid(side)) == 1 for pair in pairs for side in (pair.baseline, pair.candidate)):
        return mcnemar(sum(pair.drop > 0 for pair in pairs), sum(pair.drop < 0 for pair in pairs))
    return sign_flip([pair.drop for pair in pairs])


def more_trials(pairs: Sequence[Pair]) -> int:
    """About how many more trials would settle it if what was seen went on, over all goldens.

    The usual size for 80% power: (1.64 + 0.84)^2 times the variance of a drop over its square.
    """
    drops = [pair.drop for pair in pairs]
    mean = _mean(drops)
    spread = _mean((drop - mean) ** 2 for drop in drops)
    trials = sum(len(pair.candidate) for pair in pairs)
    needed = math.ceil((1.645 + 0.842) ** 2 * spread / mean**2) * trials / len(pairs)
    return max(1, math.ceil(needed) - trials)


def _incomplete(usable: Sequence[Pair], candidate: Sequence[Trial]) -> str:
    lost = sum(trial.ended == "infra" for trial in candidate)
    if lost > INFRA_SHARE * len(candidate):
        return f"{lost} of {len(candidate)} runs ended in provider errors"
    if len(usable) < LEAST_GOLDENS:
        return (
            f"goldens that can be compared with their baseline: {len(usable)}; "
            f"it takes {LEAST_GOLDENS}"
        )
    return ""


def _verdict(
    pairs: Sequence[Pair], p: float, tags: Sequence[TagVerdict], drop: float
) -> tuple[Verdict, str]:
    if p <= ALPHA:
        return "fail", f"the drop is no chance, p = {p:.2g}"
    if failed := [tag.tag for tag in tags if tag.failed]:
        return "fail", f"the drop within {', '.join(failed)} is no chance, q <= {ALPHA}"
    if drop >= NOTICED_DROP:
        return "inconclusive", (
            f"a drop of {drop:.0%} may be chance, p = {p:.2g}; "
            f"need about {more_trials(pairs):,} more trials"
        )
    return "pass", f"no drop beyond chance, p = {p:.2g}"


def _tags(pairs: Sequence[Pair]) -> tuple[TagVerdict, ...]:
    names = sorted({tag for pair in pairs for tag in pair.tags})
    within = [[pair for pair in pairs if name in pair.tags] for name in names]
    adjusted = benjamini_hochberg([p_value(group) for group in within])
    return tuple(
        TagVerdict(name, len(group), _mean(pair.drop for pair in group), q)
        for name, group, q in zip(names, within, adjusted, strict=True)
    )


def _ratios(pairs: Sequence[Pair]) -> dict[str, Ratio]:
    found = {
        name: ratio([(_used(pair.baseline, of), _used(pair.candidate, of)) for pair in pairs])
        for name, of in MEASURES.items()
    }
    return {name: value for name, value in found.items() if value}


def _used(trials: Iterable[Trial], of: Callable[[Trial], float]) -> float:
    return _mean(of(trial) for trial in _valid(trials))


def _valid(trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.ended != "infra"]


def _rate(trials: Iterable[Trial]) -> float:
    return _mean(trial.ended == "pass" for trial in _valid(trials))


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return math.fsum(every) / len(every)
