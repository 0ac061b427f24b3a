"""The verdict on a whole suite, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.stats.suite import SuiteVerdict

from .amounts import counted
from .paper import Paper

_MARKS = {"pass": ("✓", "good"), "fail": ("✗", "bad"), "inconclusive": ("?", "note")}
_MOST_GOLDENS = 5
"""Goldens that got worse that are named before `-v`."""


def render(suite: SuiteVerdict, paper: Paper) -> list[str]:
    """`✗ suite: 96% → 71% of 24 goldens passed; a drop like this ...`, and what stands behind it."""
    mark, ink = _MARKS[suite.verdict]
    told = f"suite {suite.verdict}: {_rates(suite)}{suite.why}"
    lines = paper.wrap(told, first=f"{mark} ", rest="  ", ink=ink)
    for section in (_worse, _tags, _ratios):
        for text in section(suite, paper):
            lines += paper.wrap(text, first="  ", rest="    ")
    return lines


def _rates(suite: SuiteVerdict) -> str:
    if suite.p is None:
        return ""
    goldens = counted(suite.goldens, "golden")
    return f"{suite.before:.0%} passed before, {suite.now:.0%} now, over {goldens}; "


def _worse(suite: SuiteVerdict, paper: Paper) -> Iterator[str]:
    shown = suite.worse if paper.verbosity > 0 else suite.worse[:_MOST_GOLDENS]
    for golden in shown:
        yield f"worse: {golden}"
    if hidden := len(suite.worse) - len(shown):
        yield f"… and {hidden} more, shown by -v"


def _tags(suite: SuiteVerdict, paper: Paper) -> Iterator[str]:
    for tag in suite.tags:
        if tag.failed or paper.verbosity > 0:
            goldens = counted(tag.goldens, "golden")
            yield f"tag {tag.tag}: {-tag.drop:+.0%} over {goldens}, q = {tag.q:.2g}"


def _ratios(suite: SuiteVerdict, paper: Paper) -> Iterator[str]:
    told = [
        f"{name} x{r.value:.2f} ({r.low:.2f} to {r.high:.2f})" for name, r in suite.ratios.items()
    ]
    if told:
        yield f"against the baseline: {', '.join(told)}"
