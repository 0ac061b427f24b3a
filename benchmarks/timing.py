"""Seconds, taken fairly: workloads take turns, and medians are compared."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")
Workload = Callable[[], float]
"""Does its work once and returns the seconds that count."""


@dataclass(frozen=True)
class Effort:
    """How much to measure; a quick run only shows that everything runs."""

    quick: bool = False

    def of(self, full: T, quick: T) -> T:
        return quick if self.quick else full


@dataclass(frozen=True)
class Times:
    """Seconds of every repetition, by workload."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        return median(self.seconds[name])

    def ratio(self, name: str, base: str) -> float:
        """Median of the ratios within a round: what slows a whole round down cancels out."""
        return median(one / other for one, other in self._rounds(name, base))

    def more(self, name: str, base: str) -> float:
        """Median of the differences within a round, in seconds."""
        return median(one - other for one, other in self._rounds(name, base))

    def bounds(self, name: str, base: str) -> tuple[float, float]:
        """Between which seconds that median lies, at 95%: by ranks, whatever the noise is like."""
        differences = sorted(one - other for one, other in self._rounds(name, base))
        count = len(differences)
        off = round(0.98 * count**0.5)
        return differences[max(count // 2 - off, 0)], differences[min(count // 2 + off, count - 1)]

    def _rounds(self, name: str, base: str) -> Iterator[tuple[float, float]]:
        return zip(self.seconds[name], self.seconds[base], strict=True)


def interleaved(workloads: Mapping[str, Workload], *, rounds: int) -> Times:
    """Run every workload in turn, A B A B, so that drift and noise hit all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in workloads}
    for number in range(rounds):
        # Who comes second finds warm caches: in every other round the order is turned round.
        names = list(workloads) if number % 2 == 0 else list(workloads)[::-1]
        for name in names:
            gc.collect()
            seconds[name].append(workloads[name]())
    return Times(seconds)


def timed(work: Callable[[], object]) -> Workload:
    """All of a function counts."""

    def workload() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    return workload


def say(line: str) -> None:
    """Progress, for whoever waits."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
