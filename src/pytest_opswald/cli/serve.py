"""`pytest-opswald serve`: the self-hosted server, in one process."""

from __future__ import annotations

import argparse
from typing import get_args

from .extras import add_db, add_replays, database, needs_server, replay_settings

GRACE_SECONDS = 10
"""For requests that are being answered when the server is stopped."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    needs_server()
    from pytest_opswald.server.settings import Plan, ServerSettings

    told = ServerSettings()
    add_db(parser)
    parser.add_argument("--host", default=told.host, help=f"address to listen on; {told.host}")
    parser.add_argument("--port", type=int, default=told.port, help=f"its port; {told.port}")
    parser.add_argument("--public-url", metavar="URL", help="where users reach it, for links")
    parser.add_argument(
        "--plan", choices=get_args(Plan), default=told.plan, help=f"whose rate limits; {told.plan}"
    )
    parser.add_argument(
        "--webhook-allow-private",
        action="store_true",
        help="let webhooks reach private networks and this machine",
    )
    add_replays(parser)


def run(options: argparse.Namespace) -> int:
    import uvicorn

    from pytest_opswald.server.app import create_app
    from pytest_opswald.server.auth.entry import demand_keys
    from pytest_opswald.server.guard.protocol import ImpatientProtocol
    from pytest_opswald.server.settings import ServerSettings

    settings = ServerSettings(
        db=options.db,
        host=options.host,
        port=options.port,
        public_url=options.public_url,
        plan=options.plan,
        webhook_allow_private=options.webhook_allow_private,
        **replay_settings(options),
    )
    with database(settings.db) as there:
        demand_keys(settings, there)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        server_header=False,
        http=ImpatientProtocol,
        ws="none",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0
