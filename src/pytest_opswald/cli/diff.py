"""`pytest-opswald diff A B`: two goldens, aligned step by step."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from pytest_opswald.diff.compare import compare
from pytest_opswald.engine.result import Replay
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.terminal import render
from pytest_opswald.store.files import load
from pytest_opswald.store.schemas import with_schemas
from pytest_opswald.trace.replay_spec import ReplaySpec

from .output import paper, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("golden", type=Path, metavar="A", help="golden as it was")
    parser.add_argument("other", type=Path, metavar="B", help="golden as it is")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="show every step")
    parser.add_argument(
        "-q", "--quiet", action="count", default=0, help="only say whether they differ"
    )


def run(options: argparse.Namespace) -> int:
    golden, other = load(options.golden), load(options.other)
    replay = Replay(golden, ReplaySpec(), other.trace)
    judged = with_schemas(golden, options.golden.parent)
    difference = compare(judged, other.trace, profile="exact")
    summary = replace(
        summarise(replay, difference, profile="exact"),
        golden=str(options.other),
        against=str(options.golden),
        accept="",
    )
    write(render(summary, paper(verbosity=options.verbose - options.quiet)))
    return 1 if summary.verdict == "fail" or summary.differing else 0
