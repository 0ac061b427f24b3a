"""`pytest-opswald fsck`: whether a server's database is whole."""

from __future__ import annotations

import argparse

from .extras import add_db, existing, needs_server
from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    from pytest_opswald.server.storage.checking import problems

    with existing(options.db) as there, there.reading() as connection:
        found = list(problems(connection))
    write(found or ["All is well."])
    return 1 if found else 0
