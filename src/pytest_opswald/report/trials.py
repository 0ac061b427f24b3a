"""What several trials of one test came to, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_opswald.stats.trials import Tally, Trial

from .amounts import counted
from .paper import Paper

_MOST_NAMED = 3
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


def resumption(*, taken: int, outdated: int, changed: Sequence[str]) -> Iterator[str]:
    """What became of the trials that an interrupted session has left.

    `outdated` are those that do not count, because of the files in `changed`.
    """
    if taken:
        yield (
            f"{counted(taken, 'trial')} from an interrupted session counted; "
            "remove .opswald/trials to start afresh"
        )
    if outdated:
        more = len(changed) - _MOST_NAMED
        names = ", ".join(changed[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        left = counted(outdated, "trial")
        yield f"{left} from an interrupted session not counted: {names} changed since"


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
