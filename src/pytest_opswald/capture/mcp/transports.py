"""How a client gets to a server: over the pipes of a child, or over HTTP.

A transport is a function that many libraries import by name. It is replaced where all of them
find it: in the closure that `asynccontextmanager` has made around its generator.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import wraps
from typing import Any

from pytest_opswald.capture.handler import active

from .messages import no_longer
from .nobody import nobody
from .servers import Server, at_endpoint, at_origin, started_by

_TRANSPORTS: tuple[tuple[str, tuple[str, ...], Callable[[Any], Server]], ...] = (
    ("mcp.client.stdio", ("stdio_client",), started_by),
    (
        "mcp.client.streamable_http",
        ("streamable_http_client", "streamablehttp_client"),  # the new name stands for both
        at_endpoint,
    ),
    ("mcp.client.sse", ("sse_client",), at_origin),
)
"""Module, functions of which the first there is counts, what its argument says of the server."""


class Transports:
    """The transports that are open, and the servers that they lead to."""

    def __init__(self, *, is_first_major: bool) -> None:
        self._is_first_major = is_first_major
        self._servers: dict[int, Server] = {}
        """By the identity of the stream that their answers come from."""

    def server_of(self, session: Any) -> Server | None:
        """The server that a session talks to; None when it is to be left alone."""
        for holder in (session, getattr(session, "_dispatcher", None)):
            if server := self._servers.get(id(getattr(holder, "_read_stream", None))):
                return server
        return None

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Watch every transport that is opened, by whichever library."""
        with ExitStack() as patches:
            for module, names, server_by in _TRANSPORTS:
                if function := _first(sys.modules.get(module), names):
                    patches.enter_context(_replaced(function, self._watched, server_by))
            yield

    def _watched(
        self, generator: Callable[..., Any], server_by: Callable[[Any], Server]
    ) -> Callable[..., Any]:
        connected = asynccontextmanager(generator)

        @wraps(generator)
        async def watched(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            opened, server = connected(*args, **kwargs), None
            if handler := active():
                known = server_by(args[0] if args else kwargs.get("url", kwargs.get("server")))
                how = handler.on_server(known.name, known.traffic)
                server = None if how == "untouched" else known
                opened = self._unconnected(server_by) if how == "served" else opened
            async with opened as streams:
                with self._leading_to(server, streams[0]):
                    yield streams

        return watched

    @contextmanager
    def _leading_to(self, server: Server | None, answers: Any) -> Iterator[None]:
        if server:
            self._servers[id(answers)] = server
        try:
            yield
        finally:
            self._servers.pop(id(answers), None)

    @asynccontextmanager
    async def _unconnected(self, server_by: Callable[[Any], Server]) -> AsyncIterator[Any]:
        tells_session = self._is_first_major and server_by is at_endpoint
        async with nobody() as streams:
            yield (*streams, lambda: None) if tells_session else streams


def _first(module: Any, names: Sequence[str]) -> Any:
    return next((found for name in names if (found := getattr(module, name, None))), None)


@contextmanager
def _replaced(
    function: Any, watched: Callable[..., Any], server_by: Callable[[Any], Server]
) -> Iterator[None]:
    cell = _generator_cell(function)
    original = cell.cell_contents
    if hasattr(original, "watched_by_opswald"):
        yield
        return
    cell.cell_contents = ours = watched(original, server_by)
    ours.watched_by_opswald = True
    try:
        yield
    finally:
        if cell.cell_contents is ours:  # else somebody built on top of it
            cell.cell_contents = original


def _generator_cell(function: Any) -> Any:
    """Where `asynccontextmanager` keeps the generator function that it was given."""
    names = getattr(function, "__code__", None)
    cells = dict(zip(names.co_freevars, function.__closure__ or (), strict=False)) if names else {}
    if "func" not in cells:
        raise no_longer(f"connects through the context manager {function.__name__}")
    return cells["func"]
