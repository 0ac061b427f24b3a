"""The server is killed in the middle of its work: what it acknowledged is there."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.storage.checking import problems

SERVER = """
import socket, sys, uvicorn
from pytest_opswald.server.app import create_app
from pytest_opswald.server.settings import ServerSettings
server = uvicorn.Server(uvicorn.Config(create_app(ServerSettings(db=sys.argv[1])), ws="none"))
server.run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
"""
HANDS = 4


@contextmanager
def process(db: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server that may be killed, and its base URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        fd = listener.fileno()
        command = [sys.executable, "-c", SERVER, db, str(fd)]
        server = subprocess.Popen(command, pass_fds=[fd], stderr=subprocess.DEVNULL)
        port = listener.getsockname()[1]
    try:
        yield server, f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


def send(api: httpx.Client, number: int) -> httpx.Response:
    event = {"event_type": "custom", "session_id": "killed", "event_id": f"event {number}"}
    return api.post("/events", json=event)


def acknowledged(db: str, first: int, most: int) -> dict[int, int]:
    """Step numbers of the events that were answered before the server was killed."""
    said: dict[int, int] = {}
    with process(db) as (server, url), httpx.Client(base_url=url, timeout=60) as api:

        def keep_sending(hand: int) -> None:
            for number in range(first + hand, first + 10_000, HANDS):
                try:
                    answer = send(api, number)
                except httpx.TransportError:
                    return
                said[number] = answer.json()["step_number"]
                if len(said) >= most:
                    server.kill()

        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(keep_sending, range(HANDS)))
    return said


def test_no_acknowledged_event_is_lost(db: str) -> None:
    """Sent again, every event has the number it was told, and the database is whole."""
    told: dict[int, int] = {}
    for round_, most in enumerate((1, 111)):
        told |= acknowledged(db, 10_000 * round_, most)

    with process(db) as (_, url), httpx.Client(base_url=url, timeout=60) as api:
        again = {number: send(api, number).json()["step_number"] for number in told}
        (trace,) = api.get("/traces").json()["traces"]
        steps = api.get(f"/traces/{trace['id']}").json()["steps"]

    assert again == told
    assert [step["step_number"] for step in steps] == list(range(1, trace["steps"] + 1))
    with opened(db) as database, database.reading() as connection:
        assert list(problems(connection)) == []
