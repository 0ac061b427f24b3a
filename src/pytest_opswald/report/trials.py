"""What several trials of one test came to, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.stats.trials import Tally, Trial

from .paper import Paper
from .summary import counted

_MARKS = {"pass": ("✓", "good"), "fail": ("✗", "bad"), "inconclusive": ("?", "note")}


def headline(tally: Tally) -> str:
    """`3 of 5 trials passed (rule: 4 of 5)`."""
    told = f"{tally.passes} of {counted(tally.valid, 'trial')} passed (rule: {tally.rule})"
    if tally.infra:
        told += f", {tally.infra} more ended in provider errors"
    if tally.breaches:
        return f"{told}; no trial may break {', '.join(tally.breaches)}"
    if tally.verdict == "inconclusive":
        return f"inconclusive: {told}; need about {counted(tally.missing, 'more trial')}"
    return told


def render(tally: Tally, paper: Paper, *, golden: str, asked: str) -> list[str]:
    """The verdict, and every trial that did not simply pass."""
    mark, ink = _MARKS[tally.verdict or "inconclusive"]
    told = f"{golden}: {headline(tally)}{f', with {asked}' if asked else ''}"
    return [*paper.wrap(told, first=f"{mark} ", rest="  ", ink=ink), *_noteworthy(tally, paper)]


def _noteworthy(tally: Tally, paper: Paper) -> Iterator[str]:
    for number, trial in enumerate(tally.trials, start=1):
        if trial.ended != "pass":
            yield from paper.wrap(f"trial {number} {_ending(trial)}", first="  ", rest="    ")


def _ending(trial: Trial) -> str:
    ended = "failed" if trial.ended == "fail" else "does not count"
    return f"{ended}: {trial.said}" if trial.said else ended
