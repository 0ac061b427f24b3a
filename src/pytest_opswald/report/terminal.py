"""A summary as lines of text for the terminal: the first divergence comes first."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.engine.result import Finding

from .aligned import aligned
from .changes import full, one_line
from .outcome_table import outcome_table
from .paper import Paper, Span, columns, shortened
from .summary import Row, Summary, words

_MOST_CHANGES = 5
"""Changes of the first divergence that are shown before `-v`."""


def render(summary: Summary, paper: Paper) -> list[str]:
    """All there is to say about one golden; a passing one that ran as recorded takes one line."""
    lines = _verdict(summary, paper)
    quiet = summary.verdict == "pass" and not summary.differing and paper.verbosity == 0
    if paper.verbosity >= 0:
        for section in (_first, _journal, _outcome, _steps, _notices, _accept):
            if quiet and section is not _notices:
                continue
            if body := list(section(summary, paper)):
                lines += ["", *body]
    return lines


def _verdict(summary: Summary, paper: Paper) -> list[str]:
    """On one line where it fits, else with the counts on lines of their own: nothing is cut off."""
    failed = summary.verdict == "fail"
    asked = shortened(one_line(summary.asked), 60)
    differs = f" differs from {summary.against}" if summary.differing else ""
    against = f" with {asked}" if asked else differs
    mark, ink = ("✗", "bad") if failed else ("✓", "good")
    title = Span(f"{mark} ", ink), Span(summary.golden, "strong"), Span(f"{against}:")
    counts = f" {summary.headline}"
    if sum(columns(span.text) for span in title) + columns(counts) <= paper.width:
        return [paper.draw(*title, counts)]
    return [paper.draw(*title), *paper.wrap(summary.headline, first="  ", rest="  ")]


def _first(summary: Summary, paper: Paper) -> Iterator[str]:
    match summary.first:
        case Row() as row:
            yield from _first_row(row, paper)
        case Finding() as finding:
            at = f"step {finding.step} — " if finding.step is not None else ""
            yield _first_line(f"{at}{words(finding.code)}", paper)
            yield from _told(finding, paper)


def _first_row(row: Row, paper: Paper) -> Iterator[str]:
    reason = row.cause or row.code
    yield _first_line(f"{row.title} — {words(reason)}" if reason else row.title, paper)
    shown = row.told if paper.verbosity > 0 else row.told[:_MOST_CHANGES]
    for change in shown:
        yield from full(change, paper, row.golden)
    if hidden := len(row.told) - len(shown):
        yield paper.draw(Span(f"  … {hidden} more changes, shown by -v", "faint"))
    for finding in row.untold:
        yield from _told(finding, paper)
    if not row.changes and not row.untold:
        yield paper.draw(f"  {_whereabouts(row)}")


def _whereabouts(row: Row) -> str:
    if row.actual is None:
        return "recorded, but not in this run"
    if row.golden is None:
        return "not in the golden"
    return f"came as step {row.actual.step_number} of this run"


def _first_line(text: str, paper: Paper) -> str:
    return paper.draw(Span("first divergence: ", "strong"), text)


def _journal(summary: Summary, paper: Paper) -> Iterator[str]:
    """Refused calls and the like that neither the first divergence nor a row tells."""
    first = summary.first
    untold = [finding for row in summary.differing if row is not first for finding in row.untold]
    lone = [finding for finding in summary.findings if finding is not first]
    for finding in (*untold, *lone):
        yield from _told(finding, paper)


def _told(finding: Finding, paper: Paper) -> Iterator[str]:
    yield from paper.wrap(finding.message, first="  ", rest="    ")
    for line in finding.detail:
        yield from paper.wrap(line, first="    ", rest="      ", ink="faint")


def _outcome(summary: Summary, paper: Paper) -> Iterator[str]:
    if summary.checks:
        yield from outcome_table(summary.checks, paper)


def _steps(summary: Summary, paper: Paper) -> Iterator[str]:
    if summary.differing or paper.verbosity > 0:
        yield paper.draw(Span("steps", "strong"), Span("  golden → run", "faint"))
        yield from aligned(summary.rows, paper)


def _notices(summary: Summary, paper: Paper) -> Iterator[str]:
    for notice in summary.notices:
        yield from paper.wrap(f"note: {notice}", rest="  ", ink="note")


def _accept(summary: Summary, paper: Paper) -> Iterator[str]:
    if summary.accept and summary.verdict == "fail":
        label = "once the agent itself has changed" if summary.asked else "accept this run"
        yield paper.safe(f"{label}:  {summary.accept}")
