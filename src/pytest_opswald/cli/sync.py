"""`pytest-opswald sync`: what could not be sent before."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.sync.draining import Drain, Drained
from pytest_opswald.sync.outbox import Outbox
from pytest_opswald.sync.preview import preview
from pytest_opswald.sync.telling import lines_of

from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be sent, byte by byte"
    )


def run(options: argparse.Namespace) -> int:
    outbox = Outbox(Path.cwd())
    if options.dry_run:
        items = (waiting.item for waiting in outbox)
        write(line for item in items if item for line in preview(item))
        return 0
    with OpsClient() as client:
        return told(Drain(outbox, client).run(), client.base_url)


def told(drained: Drained, base_url: str) -> int:
    """Say what became of it; 1 when something has not arrived."""
    write(lines_of(drained, base_url))
    return 1 if drained.waiting or drained.dead or drained.notes else 0
