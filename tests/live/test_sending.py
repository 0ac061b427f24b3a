"""LLM calls made for real, by ourselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pytest_opswald import live
from pytest_opswald.exchange import Failure, Request
from pytest_opswald.live import Sender


class _Garbled(BaseHTTPRequestHandler):
    """Says that it is compressed, and is not."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("content-encoding", "gzip")
        self.send_header("content-length", "3")
        self.end_headers()
        self.wfile.write(b"???")

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def garbled() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Garbled) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_that_cannot_be_read_is_a_failure(
    garbled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the provider, like a broken connection; not of ours."""
    monkeypatch.setattr(live, "TRIES", 1)
    request = Request("POST", f"{garbled}/v1/chat/completions", (("authorization", "k"),), b"{}")

    with Sender({}) as sender:
        answer = sender.send(request)

    assert isinstance(answer, Failure)
    assert answer.kind == "DecodingError"
