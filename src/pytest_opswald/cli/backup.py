"""`pytest-opswald backup FILE`: a whole copy of a SQLite database, while the server goes on."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_opswald.errors import OpswaldError

from .extras import add_db, existing, needs_server
from .output import write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    parser.add_argument("file", type=Path, metavar="FILE", help="where the copy goes")
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    from pytest_opswald.server.database.schema import copy

    if options.file.exists():
        raise OpswaldError(f"{options.file} is there already: name another file")
    with existing(options.db) as there:
        if there.file is None:
            raise OpswaldError("PostgreSQL has its own:  pg_dump --format=custom --file=FILE")
        copy(there.file, options.file)
    write([f"{options.file}: {options.file.stat().st_size:,} bytes"])
    return 0
