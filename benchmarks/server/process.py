"""The server in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sessions import ROOT

from .load import Address

CONSTANT = "/v1/constant"
"""The same application, guards and all, that does nothing with what it is sent."""
ROW = "/v1/row"
"""The same application again: each body is a row, inserted and committed by itself."""
_APP = [sys.executable, "-m", "benchmarks.server.app"]


@contextmanager
def serving(file: Path) -> Iterator[Address]:
    """Where a server of that database listens, while the block lasts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # From here on connections wait in line: nobody need know when the server is ready.
        listener.listen(128)
        fd = listener.fileno()
        server = subprocess.Popen([*_APP, f"sqlite:///{file}", str(fd)], pass_fds=[fd], cwd=ROOT)
        address: Address = listener.getsockname()
    try:
        yield address
    finally:
        server.terminate()
        server.wait()
