"""`pytest-opswald serve`: the self-hosted server, in one process."""

from __future__ import annotations

import argparse
from typing import get_args

from pytest_opswald.errors import OpswaldError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _needs_extra()
    from pytest_opswald.server.settings import Plan, ServerSettings

    told = ServerSettings()
    parser.add_argument(
        "--db",
        default=told.db,
        metavar="URL",
        help=f"sqlite:///file or postgresql://...; {told.db}",
    )
    parser.add_argument("--host", default=told.host, help=f"address to listen on; {told.host}")
    parser.add_argument("--port", type=int, default=told.port, help=f"its port; {told.port}")
    parser.add_argument("--public-url", metavar="URL", help="where users reach it, for links")
    parser.add_argument(
        "--plan", choices=get_args(Plan), default=told.plan, help=f"whose rate limits; {told.plan}"
    )


def run(options: argparse.Namespace) -> int:
    import uvicorn

    from pytest_opswald.server.app import create_app
    from pytest_opswald.server.settings import ServerSettings

    settings = ServerSettings(
        db=options.db,
        host=options.host,
        port=options.port,
        public_url=options.public_url,
        plan=options.plan,
    )
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        server_header=False,
        ws="none",
        access_log=False,
    )
    return 0


def _needs_extra() -> None:
    try:
        import fastapi  # noqa: F401
    except ModuleNotFoundError:
        raise OpswaldError(
            "The server is not installed. Install it with:  pip install 'pytest-opswald[server]'"
        ) from None
