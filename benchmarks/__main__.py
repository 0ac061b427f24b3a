"""Measure, and write it down: `python -m benchmarks [--quick] [--only R F ...] [--output FILE]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from . import diffs, files, idle, machine, page, recording, replaying, scaling, server, suites
from .results import Results
from .timing import Effort, say

FAMILIES: dict[str, Callable[[Path, Effort], Results]] = {
    "replaying": replaying.measured,
    "scaling": scaling.measured,
    "files": files.measured,
    "idle": idle.measured,
    "diffs": diffs.measured,
    "suites": suites.measured,
    "recording": recording.measured,
    "server": server.measured,
}


def main(arguments: list[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    effort = Effort(quick=asked.quick)
    description, start = machine.described(), perf_counter()
    results: list[Results] = []
    text = ""
    for name in asked.only or FAMILIES:
        results.append(_measured(name, effort))
        text = page.page(results, machine=description, seconds=perf_counter() - start)
        # After each family: whoever has to stop keeps what was measured so far.
        asked.output.write_text(text, encoding="utf-8")
    say(text)


def _measured(name: str, effort: Effort) -> Results:
    start = perf_counter()
    with TemporaryDirectory(prefix="opswald-bench-") as folder:
        results = FAMILIES[name](Path(folder), effort)
    say(f"{name}: {perf_counter() - start:.0f} s")
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only shows that it runs")
    parser.add_argument("--only", nargs="+", choices=list(FAMILIES), metavar="FAMILY")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("README.md"))
    return parser


if __name__ == "__main__":
    main()
