"""Processes of the server and of workers that may be killed.

They are forked from one that has imported everything, so a start costs tenths of a second.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import uvicorn

from pytest_opswald.cli import main
from pytest_opswald.server.app import create_app
from pytest_opswald.server.database import units
from pytest_opswald.server.settings import Queue, ServerSettings

_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["pytest.__main__", "uvicorn", "pytest_opswald.server.app"])
Variables = Mapping[str, str]


@contextmanager
def server(settings: ServerSettings, variables: Variables, *, later: float) -> Iterator[Any]:
    """A server's process and its base URL.

    Its clock is so many seconds `later` than ours: leases of others who are dead have ended.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        running = _started(_serve, settings, listener, variables, later)
    try:
        yield running, url
    finally:
        kill(running)


@contextmanager
def worker(db: str, variables: Variables, *, queue: Queue = "own", later: float) -> Iterator[Any]:
    """A worker's process; its clock is like that of a server."""
    running = _started(_work, db, queue, variables, later)
    try:
        yield running
    finally:
        kill(running)


def kill(process: Any) -> None:
    """As `kill -9` does."""
    process.kill()
    process.join()


def _started(target: Callable[..., None], *arguments: Any) -> Any:
    process = _PROCESSES.Process(target=target, args=arguments)
    process.start()
    return process


def _serve(
    settings: ServerSettings, listener: socket.socket, variables: Variables, later: float
) -> None:
    _prepare(variables, later)
    config = uvicorn.Config(create_app(settings), ws="none", log_config=None)
    uvicorn.Server(config).run(sockets=[listener])


def _work(db: str, queue: Queue, variables: Variables, later: float) -> None:
    _prepare(variables, later)
    main(["worker", "--db", db, "--queue", queue])


def _prepare(variables: Variables, later: float) -> None:
    os.environ.update(variables)
    now = units.now
    units.now = lambda: now() + round(later * 10**6)
