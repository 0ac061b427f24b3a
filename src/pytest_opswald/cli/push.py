"""`pytest-opswald push [PATH ...]`: goldens as golden tests of a server."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.plugin.ini_rules import rules_for
from pytest_opswald.sync.goldens import item_of
from pytest_opswald.sync.outbox import Outbox
from pytest_opswald.sync.preview import preview
from pytest_opswald.sync.pushing import goldens_below, named, push

from .output import write
from .sync import told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="golden, or folder in which goldens are looked for",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be sent, byte by byte"
    )


def run(options: argparse.Namespace) -> int:
    root, goldens = Path.cwd(), goldens_below(options.paths)
    rules = cache(rules_for)
    if options.dry_run:
        items = (item_of(path, root=root, rules=rules(path.parent)) for path in goldens)
        write(line for item in items for line in preview(item))
        return 0
    with OpsClient() as client:
        drained = push(named(goldens), Outbox(root), client, root=root, rules=rules)
        return told(drained, client.base_url)
