"""`pytest-opswald pull TRACE [PATH]`: a trace of a server as a golden."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.plugin.ini_rules import rules_for
from pytest_opswald.store.paths import FOLDER
from pytest_opswald.sync.pulling import pull

from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("trace", metavar="TRACE", help="id of the trace, trace_...")
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help=f"file to write; {FOLDER}/TRACE.json when left out",
    )


def run(options: argparse.Namespace) -> int:
    path = options.path or Path(FOLDER) / f"{options.trace}.json"
    with OpsClient() as client:
        is_new = pull(client, options.trace, path, rules_for(path.parent))
    write([f"{path}: {'written' if is_new else 'is there already'}"])
    return 0
