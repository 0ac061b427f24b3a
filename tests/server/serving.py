"""An application behind uvicorn, on a port of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from pytest_opswald.server.guard.protocol import ImpatientProtocol


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The base URL of the application, while the block lasts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # From here on connections wait in line: a client need not know when the server is ready.
        listener.listen(128)
        config = uvicorn.Config(app, http=ImpatientProtocol, ws="none", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)
