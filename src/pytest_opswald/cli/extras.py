"""Commands that need the extra `[server]`, and say so where it is missing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, get_args

from pytest_opswald.errors import OpswaldError

if TYPE_CHECKING:
    from pytest_opswald.server.database.engine import Database


def needs_server() -> None:
    """Raises OpswaldError with what to type."""
    if find_spec("fastapi") is None:
        raise OpswaldError(
            "The server is not installed. Install it with:  pip install 'pytest-opswald[server]'"
        )


def add_db(parser: argparse.ArgumentParser) -> None:
    from pytest_opswald.server.settings import ServerSettings

    usual = ServerSettings().db
    parser.add_argument(
        "--db", default=usual, metavar="URL", help=f"sqlite:///file or postgresql://...; {usual}"
    )


def add_replays(parser: argparse.ArgumentParser) -> None:
    """What whoever makes replays may do."""
    from pytest_opswald.server.settings import Queue, ServerSettings

    told = ServerSettings()
    add = parser.add_argument
    add(
        "--replay-models",
        action="append",
        default=[],
        metavar="MODEL",
        help="a model that replays may ask, as gpt-*; any whose price is known without this",
    )
    for name, usual, of in (
        ("--replay-usd", told.replay_usd, "one replay or run"),
        ("--replay-usd-a-day", told.replay_usd_a_day, "all replays of a project in 24 hours"),
    ):
        add(name, type=float, default=usual, metavar="USD", help=f"most {of} may cost; {usual:g}")
    hands = told.replay_hands
    add(
        "--replay-hands",
        type=int,
        default=hands,
        metavar="N",
        help=f"replays at a time in this process, 0 leaves them to workers; {hands}",
    )
    known = get_args(Queue)
    add(
        "--queue", choices=known, default=known[0], help=f"who hands replays to workers; {known[0]}"
    )


def replay_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The same, as fields of ServerSettings."""
    return {
        "replay_models": tuple(options.replay_models),
        "replay_usd": options.replay_usd,
        "replay_usd_a_day": options.replay_usd_a_day,
        "replay_hands": options.replay_hands,
        "queue": options.queue,
    }


@contextmanager
def database(url: str) -> Iterator[Database]:
    """The server's database, brought to the tables of this release."""
    from pytest_opswald.server.database.engine import opened
    from pytest_opswald.server.database.schema import upgrade

    with opened(url) as found:
        upgrade(found)
        yield found


@contextmanager
def existing(url: str) -> Iterator[Database]:
    """The same, when there is one. Raises OpswaldError rather than make an empty file."""
    from pytest_opswald.server.database.engine import sqlite_file

    if (file := sqlite_file(url)) and not file.exists():
        raise OpswaldError(f"{file}: there is no such database")
    with database(url) as found:
        yield found
