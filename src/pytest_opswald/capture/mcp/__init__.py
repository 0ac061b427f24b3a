"""MCP: what an agent asks of its servers, over the client sessions of both majors of the SDK.

Tool calls become steps like those of declared tools, whatever the session is connected to.
Everything else a session asks of a server outside this process (handshake, lists of tools,
resources, prompts) is kept as an exchange, so that a replay needs no server at all: none is
started, none is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType

from .sessions import Sessions
from .transports import Transports


@contextmanager
def installed(module: ModuleType) -> Iterator[None]:
    """Watch every session of this library; a module that merely has its name is left alone."""
    session = getattr(module, "ClientSession", None)
    if session is None:
        yield
        return
    with ExitStack() as patches:
        transports = Transports(is_first_major=hasattr(module, "McpError"))
        patches.enter_context(transports.patched())
        patches.enter_context(Sessions(transports.server_of).patched(session))
        yield
