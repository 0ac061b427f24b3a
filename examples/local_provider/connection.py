"""One connection: reads requests, writes answers whole or as a stream, keeps the line open."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler
from types import ModuleType
from typing import Any

from . import anthropic_messages, openai_chat, openai_responses
from .ask import Ask
from .other import answer_to
from .pieces import Pieces
from .script import Drop, Fail, Item, Wait
from .stream import Event, Stream, whole

FORMATS: tuple[ModuleType, ...] = (openai_chat, openai_responses, anthropic_messages)


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Any

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
        pieces = Pieces(self.server.provider.slices, compress=self._compresses)
        for step in stream:
            match step:
                case Event():
                    self._write(pieces.add(step.encode()))
                case Wait():
                    self._write(pieces.rest())
                    step()
                case Drop():
                    self._write(pieces.rest())
                    return self._cut()
        self._write([*pieces.end(), b""])
        return None

    def _write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()

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
