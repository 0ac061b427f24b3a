"""Is the candidate worse than the baseline? Paired tests, one-sided, exact wherever it is cheap."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

EXACT_PAIRS = 16
"""Non-zero differences up to which all 2^n sign flips are counted."""
FLIPS = 20_000
"""Sign flips drawn beyond that."""
RESAMPLES = 1_000
SEED = 20_261_121
"""Same data, same verdict."""


def mcnemar(worse: int, better: int) -> float:
    """One-sided exact p: the chance of so many `worse` if a change were as often for the better.

    `worse` counts pairs that passed before and fail now, `better` the reverse.
    """
    total = worse + better
    return sum(math.comb(total, k) for k in range(worse, total + 1)) / (1 << total)


def sign_flip(drops: Sequence[float], *, seed: int = SEED) -> float:
    """One-sided permutation p that the mean drop is above 0: each sign might have been the other."""
    told = [round(abs(drop), 12) for drop in drops if drop]
    observed = math.fsum(drops) - 1e-9 * (1 + math.fsum(told))  # equal sums may differ by rounding
    if len(told) <= EXACT_PAIRS:
        sums = [0.0]
        for size in told:
            sums = [total + signed for total in sums for signed in (size, -size)]
        return sum(total >= observed for total in sums) / len(sums)
    flips = random.Random(seed)
    sizes = list(Counter(told).items())
    hits = sum(_flipped(sizes, flips) >= observed for _ in range(FLIPS))
    return (hits + 1) / (FLIPS + 1)


def _flipped(sizes: Sequence[tuple[float, int]], flips: random.Random) -> float:
    """One sum with signs drawn anew; sizes that occur often are drawn together."""
    return math.fsum(
        size * (count - 2 * flips.getrandbits(count).bit_count()) for size, count in sizes
    )


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: below .05, a false alarm is one in twenty alarms."""
    count = len(p_values)
    order = sorted(range(count), key=lambda i: p_values[i], reverse=True)
    scaled = (p_values[i] * count / (count - rank) for rank, i in enumerate(order))
    adjusted = dict(zip(order, accumulate(scaled, min), strict=True))
    return [min(1.0, adjusted[i]) for i in range(count)]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Candidate over baseline, with a 95% bootstrap interval."""

    value: float
    low: float
    high: float


def ratio(pairs: Sequence[tuple[float, float]], *, seed: int = SEED) -> Ratio | None:
    """Sum of the candidate's over sum of the baseline's; None when the baseline is not above 0.

    Pairs are (baseline, candidate); they are resampled whole, as goldens differ in size.
    """
    if sum(before for before, _ in pairs) <= 0:
        return None
    draws = random.Random(seed)
    resampled = (_sum_ratio(draws.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    sampled = sorted(value for value in resampled if value is not None)
    value = _sum_ratio(pairs)
    assert value is not None
    return Ratio(value, _quantile(sampled, 0.025), _quantile(sampled, 0.975))


def _sum_ratio(pairs: Sequence[tuple[float, float]]) -> float | None:
    before = math.fsum(before for before, _ in pairs)
    return math.fsum(after for _, after in pairs) / before if before > 0 else None


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
