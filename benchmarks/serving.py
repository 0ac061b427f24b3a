"""V1 and V2: what the server makes of a request, on SQLite."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from .results import Results, Row, at_least, at_most, spelled
from .timing import Effort, Workload, interleaved, say

HANDS = 8
BATCH = 100
CALL = {
    "input": {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hello"}]},
    "output": {"content": "Hi there! How can I help you today?"},
    "cost": 0.0012,
    "tokens": {"input": 8, "output": 12},
}
SERVER = """
import socket, sys, uvicorn
from typing import Annotated
from fastapi import Depends, Response
from pytest_opswald.api.events import EventBody
from pytest_opswald.server.app import create_app
from pytest_opswald.server.auth.dependencies import Writer
from pytest_opswald.server.routes.bodies import JsonBody
from pytest_opswald.server.settings import ServerSettings

app = create_app(ServerSettings(db=sys.argv[1]))

@app.post("/v1/constant")
def constant(principal: Writer, body: Annotated[EventBody, Depends(JsonBody(EventBody))]):
    return Response(b"{}", 201, media_type="application/json")

config = uvicorn.Config(app, ws="none", access_log=False, log_level="warning")
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
"""


def measured(folder: Path, effort: Effort) -> Results:
    count, rounds = effort.of(2_000, 16), effort.of(5, 1)
    with _server(folder / "opswald.db") as port:
        say(f"V1, V2 {count} requests")
        few = _page(port)
        times = interleaved(_workloads(port, count), rounds=rounds)
        page = interleaved({"page": partial(_send, port, [few] * effort.of(40, 2))}, rounds=1)
        say("V2 a list of many")
        before = page.median("page")
        _send(port, [_trace(1)] * effort.of(10_000, 8))
        after = interleaved({"page": partial(_send, port, [few] * effort.of(40, 2))}, rounds=1)
    a_second = count / times.median("events")
    return Results(
        [
            at_least(
                "V1",
                "an event, stored before it is answered, against a constant answer",
                0.35,
                times.ratio("constant", "events"),
                detail=f"{a_second:.0f} events a second",
            ),
            at_least(
                "V2",
                f"steps a second in traces of {BATCH}, against one by one",
                3,
                times.ratio("events", "batches"),
                detail=f"{count / times.median('batches'):.0f} steps a second",
            ),
            at_most(
                "V2",
                "the first page of 50, with 10,000 traces more",
                1.5,
                after.median("page") / before,
            ),
            _room(folder / "opswald.db"),
        ]
    )


def _workloads(port: int, count: int) -> Mapping[str, Workload]:
    constant = [_request("POST", "/v1/constant", _event("constant"))] * count
    events = [_request("POST", "/v1/events", _event(f"hand {n % HANDS}")) for n in range(count)]
    batches = [_trace(BATCH)] * max(1, count // BATCH)
    return {
        "constant": partial(_send, port, constant),
        "events": partial(_send, port, events),
        "batches": partial(_send, port, batches),
    }


def _event(session: str) -> dict[str, Any]:
    return {"event_type": "llm_call", "session_id": session, "data": CALL}


def _trace(steps: int) -> bytes:
    call = {"type": "llm_call", **CALL}
    return _request(
        "POST", "/v1/traces", {"started_at": "2026-03-17T14:15:32Z", "steps": [call] * steps}
    )


def _page(port: int) -> bytes:
    _send(port, [_trace(1)] * 50)
    return _request("GET", "/v1/traces?limit=50")


def _room(file: Path) -> Row:
    size = sum(each.stat().st_size for each in file.parent.glob(f"{file.name}*"))
    return Row("", "size of the database after all this", measured=spelled(size / 1e6, "MB"))


def _send(port: int, requests: list[bytes]) -> float:
    """Seconds until all are answered, by hands that each send one after the other."""
    start = perf_counter()
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(lambda n: _send_some(port, requests[n::HANDS]), range(HANDS)))
    return perf_counter() - start


def _send_some(port: int, requests: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rb")
        for request in requests:
            connection.sendall(request)
            status = stream.readline()
            assert status.split()[1] in {b"200", b"201"}, status
            length = 0
            while (line := stream.readline().lower()) != b"\r\n":
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            stream.read(length)


def _request(method: str, path: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@contextmanager
def _server(file: Path) -> Iterator[int]:
    """Its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port: int = listener.getsockname()[1]
        fd = listener.fileno()
        command = [sys.executable, "-c", SERVER, f"sqlite:///{file}", str(fd)]
        server = subprocess.Popen(command, pass_fds=[fd])
    try:
        yield port
    finally:
        server.terminate()
        server.wait()
