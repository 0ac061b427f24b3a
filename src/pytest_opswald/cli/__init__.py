"""The `pytest-opswald` command. A new subcommand is one module here and one line in `_COMMANDS`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

import pytest_opswald
from pytest_opswald.errors import OpswaldError

_COMMANDS = {
    "show": "print goldens as readable timelines",
    "diff": "compare two goldens step by step",
    "replay": "replay goldens without the code that recorded them",
    "suggest": "make an expected outcome of what a golden's run did, to edit",
    "scan": "look for secrets in goldens and snapshots",
    "doctor": "replay under changed circumstances and name what differs",
    "calibrate": "tell how often a rule for trials is green, by true pass rate",
    "push": "send goldens to a server, as its golden tests",
    "pull": "make a golden of a trace that a server has",
    "sync": "send what could not be sent before",
    "attach": "make replays of a server with the agent's own code",
    "serve": "run a server of the Opswald API",
    "worker": "make the replays of a server in a process of its own",
    "keys": "make, list and revoke the keys of a server",
    "audit": "check a server's record of who changed what",
    "fsck": "tell whether a server's database is whole",
    "backup": "copy a server's SQLite database while it runs",
    "export": "print all traces of a server, a line of JSON each",
}


class _Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments of the subcommand."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it; the exit code."""


class _Version(argparse.Action):
    """Prints the version; it is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"{parser.prog} {pytest_opswald.__version__}\n")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Exit codes: 0 fine, 1 something differs, 2 usage or unreadable file, 3 something was left out.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        options = _parser(arguments).parse_args(arguments)
        return _command(options.command).run(options)
    except SystemExit as usage:
        return int(usage.code or 0)
    except OpswaldError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-opswald",
        description="Golden traces of LLM agents: read, replay, check and share them.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, purpose in _COMMANDS.items():
        sentence = f"{purpose[0].upper()}{purpose[1:]}."
        command = commands.add_parser(name, help=purpose, description=sentence)
        # Only the command that is asked for is imported: `--help` stays instant.
        if name == asked:
            _command(name).add_arguments(command)
    return parser


def _command(name: str) -> _Command:
    return cast(_Command, import_module(f"{__name__}.{name}"))
