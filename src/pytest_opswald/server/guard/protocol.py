"""HTTP as uvicorn speaks it, without patience for clients that open a connection and say little."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from pytest_opswald.server.problems import answered, invalid

PATIENCE_SECONDS = 10
"""How long headers may take, and what is left of a body after it was answered."""
READING_SECONDS = 30
"""How long a client may let what is written wait."""
MOST_CONNECTIONS = 1_000


class ImpatientProtocol(H11Protocol):
    """Ends connections that do not go on in time, and those over the limit.

    What is no HTTP is answered in the envelope of the API, too.
    """

    _due: asyncio.TimerHandle | None = None
    _full: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()
        else:
            self._hurry()

    def handle_events(self) -> None:
        super().handle_events()
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._full = self.loop.call_later(READING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._full is not None:
            self._full.cancel()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        problem = answered(invalid(msg, field="request", expected="HTTP/1.1"))
        headers: list[Any] = [*problem.raw_headers, (b"connection", b"close")]
        said = h11.Response(status_code=problem.status_code, headers=headers, reason=b"Bad Request")
        for event in (said, h11.Data(data=bytes(problem.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        if not self._owed():
            self._relax()
        elif self._due is None:
            self._hurry()

    def _owed(self) -> bool:
        """Whether headers have begun and not ended, or a body goes on that nobody reads."""
        if self.conn.their_state is h11.IDLE:
            return bool(self.conn.trailing_data[0])
        return self.conn.our_state is h11.DONE

    def _hurry(self) -> None:
        self._due = self.loop.call_later(PATIENCE_SECONDS, self._end)

    def _end(self) -> None:
        """Closing waits until the client has read everything, which may be never."""
        self.transport.close()
        self.loop.call_later(READING_SECONDS, self.transport.abort)

    def _relax(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
