"""`pytest-opswald calibrate [RULE...]`: how often a rule is green, by the agent's true pass rate."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from pytest_opswald.report.paper import padded
from pytest_opswald.stats.calibration import chances
from pytest_opswald.stats.rules import Rule, parse_rule

from .output import write

RATES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_USUAL = ("1", "5", "auto")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rules",
        nargs="*",
        type=_rule,
        metavar="RULE",
        default=[parse_rule(rule) for rule in _USUAL],
        help="as --opswald-trials takes it: N, K/N or auto; 1 5 auto",
    )


def run(options: argparse.Namespace) -> int:
    write(_table(options.rules))
    return 0


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    """Probability of green and mean number of trials."""
    titles = [str(rule) for rule in rules]
    widths = [max(len(title), len("100.0%   20.0 trials")) for title in titles]
    yield _row("true pass rate", titles, widths)
    for rate in RATES:
        found = [chances(rule, rate) for rule in rules]
        cells = [f"{one.green:6.1%} {one.trials:6.1f} trials" for one in found]
        yield _row(f"{rate:14.0%}", cells, widths)
    yield ""
    yield "How often the verdict is green, and how many live runs it takes on average."


def _row(first: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    told = (padded(cell, width) for cell, width in zip(cells, widths, strict=True))
    return "   ".join([first, *told]).rstrip()


def _rule(text: str) -> Rule:
    try:
        return parse_rule(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
