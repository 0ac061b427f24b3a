"""`pytest-opswald export`: all traces of a server, a line of JSON each."""

from __future__ import annotations

import argparse
import sys

from .extras import add_db, existing, needs_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    add_db(parser)


def run(options: argparse.Namespace) -> int:
    from pytest_opswald.server.storage.exporting import exported

    with existing(options.db) as there:
        for trace in exported(there):
            for part in trace:
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()
    return 0
