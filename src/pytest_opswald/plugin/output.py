"""Where reports meet pytest's terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from _pytest._code.code import TerminalRepr
from _pytest._io import TerminalWriter

from pytest_opswald.report.amounts import counted
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.summary import Summary
from pytest_opswald.report.terminal import render
from pytest_opswald.report.totals import Totals, session_line
from pytest_opswald.report.untried import told as told_untried
from pytest_opswald.report.untried import untried_of

Told = Mapping[str, Any]
"""What a test tells the session, as plain JSON: `totals`, `text`, `notices`, `leaks`, `name`,
`untried`, `played`."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What pytest's short summary shows of a failure."""

    message: str
    path: str = ""
    lineno: int = 0


@dataclass(eq=False)
class AsText(TerminalRepr):
    """A summary as pytest's failure text: coloured on a terminal, plain everywhere else."""

    summary: Summary
    verbosity: int

    @property
    def reprcrash(self) -> Crash:
        return Crash(self.summary.headline)

    def toterminal(self, tw: TerminalWriter) -> None:
        for line in render(self.summary, paper_of(tw, self.verbosity)):
            tw.line(line)

    def __str__(self) -> str:
        return "\n".join(render(self.summary, Paper(width=100, verbosity=self.verbosity)))


def paper_of(tw: TerminalWriter, verbosity: int) -> Paper:
    encoding = getattr(tw._file, "encoding", None) or "utf-8"
    return Paper(tw.fullwidth, tw.markup, encoding, verbosity)


def told_of(summary: Summary, name: str, verbosity: int) -> dict[str, Any]:
    """What a replayed test tells the session; a failure has said the rest itself."""
    worth_showing = summary.verdict == "pass" and (
        verbosity > 0 or (verbosity == 0 and summary.differing)
    )
    paper = Paper(width=100, verbosity=verbosity)
    return {
        "name": name,
        "totals": asdict(Totals.of_replay(summary)),
        "text": render(summary, paper) if worth_showing else [],
        "notices": [] if worth_showing else list(summary.notices),
        "untried": untried_of(summary),
    }


def print_session(told: Sequence[Told], reporter: Any) -> None:
    """The lines at the end of a session: what passing replays showed, notices, totals."""
    for each in told:
        if each.get("text"):
            reporter.write_sep("-", f"golden trace of {each['name']}")
            for line in each["text"]:
                reporter.write_line(line)
    for line in _once(told, "leaks"):
        reporter.write_line(f"opswald: {line}", red=True)
    for line in told_untried(each["untried"] for each in told if each.get("untried")):
        reporter.write_line(f"opswald: {line}", red=has_tried_nothing(told))
    for line in _once(told, "notices"):
        reporter.write_line(f"opswald: {line}", yellow=True)
    for line in _played(told, reporter.config.get_verbosity()):
        reporter.write_line(f"opswald: {line}")
    totals = sum((Totals(**each["totals"]) for each in told if "totals" in each), Totals())
    if line := session_line(totals):
        reporter.write_line(line, bold=True)


def _played(told: Sequence[Told], verbosity: int) -> Iterator[str]:
    """How goldens were replayed that are tests themselves: each, or how many in which way."""
    played = [each["played"] for each in told if each.get("played")]
    if verbosity > 0:
        yield from (one["told"] for one in played)
        return
    for fidelity in dict.fromkeys(one["fidelity"] for one in played):
        ones = [one for one in played if one["fidelity"] == fidelity]
        asked, calls = (sum(one[what] for one in ones) for what in ("asked", "llm_calls"))
        yield f"{counted(len(ones), 'golden')} {fidelity}, {asked} of {calls} LLM calls live"


def has_tried_nothing(told: Sequence[Told]) -> bool:
    """Whether replays were to change something, and no LLM call of the session went live."""
    live = any(each["totals"]["llm_live"] for each in told if "totals" in each)
    return not live and any(each.get("untried") for each in told)


def _once(told: Sequence[Told], key: str) -> Iterator[str]:
    yield from dict.fromkeys(line for each in told for line in each.get(key, ()))
