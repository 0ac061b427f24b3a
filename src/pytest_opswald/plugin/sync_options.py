"""Options about a server that goldens and results go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def add(option: Callable[..., Any]) -> None:
    option(
        "--opswald-sync",
        action="store_true",
        dest="opswald_sync",
        help="Send goldens and results of replays to the server of OPSWALD_BASE_URL; what cannot "
        "be sent waits. Never changes a verdict.",
    )
    option(
        "--opswald-run",
        dest="opswald_run",
        metavar="RUN_ID",
        help="Replay what a run on the server asks for, as it asks, and send the results.",
    )


def is_wanted(config: pytest.Config) -> bool:
    return bool(config.option.opswald_sync or config.option.opswald_run)


def check(config: pytest.Config) -> None:
    """Refuse options that contradict each other. Raises pytest.UsageError."""
    if config.option.opswald_run and config.option.opswald_record:
        raise pytest.UsageError("--opswald-run replays, it does not go with --opswald-record")
