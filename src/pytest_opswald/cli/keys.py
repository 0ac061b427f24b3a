"""`pytest-opswald keys create|list|revoke`: who may ask a server, and for what."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_opswald.errors import OpswaldError

from .extras import add_db, database, existing, needs_server
from .output import write

if TYPE_CHECKING:
    from pytest_opswald.server.storage.keys import ApiKey

_USUAL = "read,write"
_MOST_DAYS = 36_500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a key and show it, once")
    create.add_argument("--name", default="", help="what it is for")
    create.add_argument("--project", default="default", help="the one it opens; default")
    create.add_argument(
        "--scopes", type=_scopes, default=_USUAL, help=f"of read,write,replay,admin; {_USUAL}"
    )
    create.add_argument("--days", type=_days, help="how long it is valid; for ever")
    revoke = actions.add_parser("revoke", help="take a key back")
    revoke.add_argument("id", help="key_... as list shows it")
    for action in (create, actions.add_parser("list", help="show all keys"), revoke):
        add_db(action)


def run(options: argparse.Namespace) -> int:
    return {"create": _create, "list": _list, "revoke": _revoke}[options.action](options)


def _create(options: argparse.Namespace) -> int:
    from pytest_opswald.server.auth.keys import digest, hint, new_key
    from pytest_opswald.server.storage import audit, keys, projects

    key = new_key()
    kept: dict[str, Any] = {"digest": digest(key), "shown": hint(key)}
    kept |= {"name": options.name, "scopes": options.scopes, "expires_at": options.days}
    with database(options.db) as there, there.writing() as connection:
        project = projects.ensured(connection, options.project)
        key_id = keys.created(connection, project, **kept)
        audit.noted(connection, project.id, "command line", "key.created", key_id)
    write([key])
    sys.stderr.write(f"Keep it, it is not shown again. {key_id} may {' '.join(options.scopes)}.\n")
    return 0


def _list(options: argparse.Namespace) -> int:
    from pytest_opswald.server.storage import keys

    with existing(options.db) as there, there.reading() as connection:
        found = keys.listed(connection)
    write(_line(key) for key in found)
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from pytest_opswald.server.storage import audit, keys

    with existing(options.db) as there, there.writing() as connection:
        project_id = keys.revoked(connection, options.id)
        if project_id is None:
            raise OpswaldError(f"No key {options.id} is in force: see pytest-opswald keys list")
        audit.noted(connection, project_id, "command line", "key.revoked", options.id)
    write([f"{options.id} opens nothing any more"])
    return 0


def _line(key: ApiKey) -> str:
    return "  ".join(
        [
            key.id,
            key.shown,
            f"{key.project}: {','.join(key.scopes)}",
            f"used {_day(key.last_used_at)}" if key.last_used_at else "never used",
            _state(key),
            key.name,
        ]
    ).rstrip()


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    return f"until {_day(key.expires_at)}" if key.expires_at else "for ever"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _scopes(said: str) -> Sequence[str]:
    from pytest_opswald.server.auth.principal import EVERYTHING

    asked = [scope.strip() for scope in said.split(",")]
    if unknown := [scope for scope in asked if scope not in EVERYTHING]:
        raise argparse.ArgumentTypeError(f"no scope {unknown[0]!r}: read, write, replay, admin")
    return list(dict.fromkeys(asked))


def _days(said: str) -> datetime:
    if not said.isdecimal() or not 0 < int(said) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_DAYS} days, not {said}")
    return datetime.now(UTC) + timedelta(days=int(said))
