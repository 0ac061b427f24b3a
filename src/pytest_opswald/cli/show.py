"""`pytest-opswald show GOLDEN ...`: what a golden holds, to read or as JSON."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_opswald.report.timeline import timeline
from pytest_opswald.report.trace_json import trace_json
from pytest_opswald.store.files import load
from pytest_opswald.store.sidecars import FOLDER

from .output import paper, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("goldens", nargs="+", type=Path, metavar="GOLDEN", help="golden file")
    parser.add_argument(
        "--json", action="store_true", help="the trace as JSON, the same for every provider"
    )


def run(options: argparse.Namespace) -> int:
    for number, path in enumerate(options.goldens):
        golden = load(path, timings=_rootdir(path))
        if options.json:
            write([trace_json(golden)])
        else:
            write([*([""] if number else []), *timeline(golden, paper())])
    return 0


def _rootdir(path: Path) -> Path | None:
    """The nearest folder above that keeps timings; without one there are no durations."""
    return next((folder for folder in path.resolve().parents if (folder / FOLDER).is_dir()), None)
