"""`pytest-opswald audit verify`: whether anybody changed the record of who changed what."""

from __future__ import annotations

import argparse

from pytest_opswald.report.amounts import counted

from .extras import add_db, existing, needs_server
from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_db(actions.add_parser("verify", help="check that every row follows from those before it"))


def run(options: argparse.Namespace) -> int:
    from pytest_opswald.server.storage import audit

    with existing(options.db) as there, there.reading() as connection:
        verdict = audit.verified(connection)
    if verdict.broken_at is not None:
        write([f"row {verdict.broken_at} does not follow from those before it"])
        return 1
    rows, last = counted(verdict.rows, "row"), verdict.head.hex()
    write([f"{rows}, each follows from those before it; the last is {last}"])
    return 0
