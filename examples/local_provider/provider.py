"""The server: threads, keep-alive, chunked streams; it knows no wire format by itself."""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import threading
import zlib
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from types import ModuleType, TracebackType
from typing import Any, Self

from . import anthropic_messages, openai_chat, openai_responses
from .ask import Ask
from .other import answer_to
from .script import Drop, Fail, Item, Script, Wait
from .stream import Event, Stream, whole

FORMATS: tuple[ModuleType, ...] = (openai_chat, openai_responses, anthropic_messages)


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
        self._server = _Server(("127.0.0.1", port), _Connection)
        self._server.provider = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Base URL; OpenAI clients want `/v1` behind it, Anthropic's do not."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

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
        """A client that hangs up is no news."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, *args: Any) -> None:
        """Nothing: tests read `Provider.requests`."""

    def do_GET(self) -> None:
        ask = Ask("GET", self.path, self._lower(), {})
        self.server.provider.note(ask)
        self._send_json(200, answer_to(ask), {})

    def do_POST(self) -> None:
        body = json.loads(self._read() or b"{}")
        path = self.path.partition("?")[0]
        speaks = next((f for f in FORMATS if path.endswith(f.PATH)), None)
        ask = Ask("POST", self.path, self._lower(), body, speaks.turns(body) if speaks else ())
        if speaks is None:
            self.server.provider.note(ask)
            return self._send_json(200, answer_to(ask), {})
        return self._answer(speaks, ask, self.server.provider.reply_to(ask))

    def _answer(self, speaks: ModuleType, ask: Ask, reply: Sequence[Item]) -> None:
        headers = {speaks.REQUEST_ID: ask.id("req_")}
        if fail := next((item for item in reply if isinstance(item, Fail)), None):
            _wait(reply)
            if fail.retry_after is not None:
                headers["retry-after"] = f"{fail.retry_after:g}"
            self._send_json(fail.status, speaks.error(fail, ask), headers)
        elif ask.streams:
            self._send_events(speaks.stream(ask, reply), headers)
        else:
            self._send_whole(speaks.stream(ask, reply), headers)

    def _send_whole(self, stream: Stream, headers: dict[str, str]) -> None:
        steps = whole(stream)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return self._send_json(200, end.value, headers)
            if isinstance(step, Drop):
                return self._cut()
            step()

    def _send_json(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        body = json.dumps(answer, ensure_ascii=False).encode()
        if self._compresses:
            body = gzip.compress(body, mtime=0)
        self._head(status, {"content-type": "application/json", **headers})
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _send_events(self, stream: Stream, headers: dict[str, str]) -> None:
        self._head(200, {"content-type": "text/event-stream; charset=utf-8", **headers})
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in self._cut_up(stream):
            if piece is None:
                return self._cut()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
        return None

    def _cut_up(self, stream: Stream) -> Iterator[bytes | None]:
        """The stream in the pieces it is written in; None cuts the connection."""
        size = self.server.provider.slices
        squeeze = zlib.compressobj(wbits=31) if self._compresses else None
        left = b""
        for step in stream:
            if isinstance(step, Event):
                data = step.encode()
                if squeeze:
                    data = squeeze.compress(data) + squeeze.flush(zlib.Z_SYNC_FLUSH)
                left += data
                while len(left) >= (size or 1):
                    yield left[: size or len(left)]
                    left = left[size:] if size else b""
                continue
            if left:
                yield left
                left = b""
            if isinstance(step, Drop):
                yield None
                return
            step()
        if left := left + (squeeze.flush() if squeeze else b""):
            yield left

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        if self._compresses:
            headers = {**headers, "content-encoding": "gzip"}
        for name, value in headers.items():
            self.send_header(name, value)

    @property
    def _compresses(self) -> bool:
        accepted = self.headers.get("accept-encoding", "")
        return self.server.provider.compress and "gzip" in accepted

    def _cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()

    def _read(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _lower(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}


def _wait(reply: Sequence[Item]) -> None:
    for item in reply:
        if isinstance(item, Wait):
            item()
