"""The server: it counts connections, keeps what was asked, and knows no wire format."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from .ask import Ask
from .connection import Connection
from .script import Fail, Item, Script


class Provider:
    """A provider on a free port of the loopback interface, up for the length of a `with`.

    Args:
        script: what the model replies.
        port: 0 picks a free one.
        slices: write streams in pieces of so many bytes, wherever that cuts events and letters.
        compress: gzip answers for clients that accept it.
    """

    def __init__(
        self, script: Script, *, port: int = 0, slices: int | None = None, compress: bool = False
    ) -> None:
        self.slices = slices
        self.compress = compress
        self.requests: list[Ask] = []
        """Everything that was asked, in order of arrival."""
        self._script = script
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), Connection)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Base URL; OpenAI clients want `/v1` behind it, Anthropic's do not."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def variables(self) -> dict[str, str]:
        """What sends the SDKs of OpenAI and Anthropic here, in their environment."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": "sk-openai",
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "sk-anthropic",
        }

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._server.accepted

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Refuse new connections and cut those that are open; may be called again."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.close_all()

    def reply_to(self, ask: Ask) -> Sequence[Item]:
        """What the script says."""
        with self._lock:
            turn = len(self.requests)
            self.requests.append(ask)
            reply = None if callable(self._script) else self._script[turn : turn + 1]
        if callable(self._script):
            said = self._script(ask)
        else:
            said = reply[0] if reply else Fail(500, f"the script ends before request {turn + 1}")
        return said if isinstance(said, Sequence) else [said]

    def note(self, ask: Ask) -> None:
        with self._lock:
            self.requests.append(ask)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    provider: Provider

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.accepted = 0
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.accepted += 1
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        self.server_close()
        for connection in list(self._open):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; a script that fails is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
