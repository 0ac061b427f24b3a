"""How answers from memory reach a client: in turn, piece by piece, without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pytest_opswald.capture.handler import ToolOutcome, activated
from pytest_opswald.exchange import Failure, Request, Response
from tests.capture.handlers import Answer, Recording

URL = "http://nobody.invalid/v1/chat/completions"
JSON = (("content-type", "application/json"),)


class Serving(Recording):
    """Answers every call with the same, or by the number in its body."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = answers

    def on_request(self, request: Request) -> Request | Answer:
        return self.answers[int(request.body) if request.body.isdigit() else 0]


class Ordered(Serving):
    """Lets its answers go in the order in which they are given here."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(*answers)
        self.due = list(answers)

    def may_deliver(self, answer: Answer | ToolOutcome, *, settled_for: float = 0.0) -> bool:
        if self.due[0] is not answer:
            return False
        self.due.pop(0)
        return True


def test_chunks_are_served_one_by_one(caller: Any) -> None:
    """The pieces of a stream arrive as they were given, whatever their size."""
    answer = Response(200, JSON, (b"one", b"two", b"three"))

    with activated(Serving(answer)):
        reading = caller.read(URL)

    assert reading.chunks == [b"one", b"two", b"three"]


def test_a_body_that_was_compressed_is_served_plain(http: Any, patched: None) -> None:
    """Recorded bodies are decoded: the headers that said otherwise are gone, the others stay."""
    stale = (("Content-Encoding", "gzip"), ("content-length", "9"), ("x-request-id", "req_ü"))

    with activated(Serving(Response(200, JSON + stale, (b'{"a": 1}',)))), http.Client() as client:
        response = client.post(URL)

    assert response.json() == {"a": 1}
    assert response.headers["x-request-id"] == "req_ü"
    assert "content-encoding" not in response.headers
    assert response.request.url == URL


@pytest.mark.parametrize("kind", ["ConnectError", "ReadTimeout", "RemoteProtocolError"])
def test_a_failure_is_raised_as_the_librarys_own(caller: Any, kind: str) -> None:
    """The exception has the recorded class and text, and knows its request."""
    with (
        activated(Serving(Failure(kind, "no luck"))),
        pytest.raises(getattr(caller.http, kind), match="no luck") as raised,
    ):
        caller.read(URL)

    assert raised.value.request.url == URL


@pytest.mark.parametrize("kind", ["SomethingElse", "Client", "codes"])
def test_an_unknown_failure_is_a_transport_error(caller: Any, kind: str) -> None:
    """A class that the library does not have as an error is named in the message."""
    with (
        activated(Serving(Failure(kind, "no luck"))),
        pytest.raises(caller.http.TransportError, match=f"{kind}: no luck"),
    ):
        caller.read(URL)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(Failure("ReadTimeout", "late"), "ReadTimeout"), (None, "RemoteProtocolError")],
    ids=["recorded", "unknown"],
)
def test_a_broken_body_breaks_again(caller: Any, failure: Failure | None, kind: str) -> None:
    """The pieces before the break are served, then the exception is raised."""
    answer = Response(200, JSON, (b"half of",), ended="error", failure=failure)

    with activated(Serving(answer)):
        reading = caller.read(URL)

    assert reading.chunks == [b"half of"]
    assert type(reading.error).__name__ == kind


def test_an_abandoned_call_waits_to_be_abandoned_again(http: Any, patched: None) -> None:
    """A race whose loser was cancelled when recorded has the same winner."""
    winner = Response(200, JSON, (b"{}",))
    loser = Failure("Abandoned", "")

    async def race() -> tuple[int, int]:
        async with http.AsyncClient() as client:
            calls = [asyncio.create_task(client.post(URL, content=body)) for body in ("1", "0")]
            done, pending = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            for call in pending:
                call.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            return len(done), len(pending)

    with activated(Serving(winner, loser)):
        assert asyncio.run(race()) == (1, 1)


def test_an_abandoned_call_times_out_in_a_thread(http: Any, patched: None) -> None:
    """Only the end of the process interrupts a thread: there is nothing to wait for."""
    with (
        activated(Serving(Failure("Abandoned", ""))),
        http.Client() as client,
        pytest.raises(http.ReadTimeout),
    ):
        client.post(URL)


def test_concurrent_answers_arrive_in_the_recorded_order(http: Any, patched: None) -> None:
    """Tasks that were started in one order finish in the order of the recording."""
    answers = [Response(200, JSON, (str(n).encode(),)) for n in range(3)]
    arrived: list[str] = []

    async def call(client: Any, number: int) -> None:
        response = await client.post(URL, content=str(number))
        arrived.append(response.text)

    async def run() -> None:
        async with http.AsyncClient() as client:
            await asyncio.gather(*(call(client, number) for number in (2, 1, 0)))

    with activated(Ordered(*answers)):
        asyncio.run(run())

    assert arrived == ["0", "1", "2"]


def test_streams_read_together_take_turns(http: Any, patched: None) -> None:
    """Other tasks run between two chunks, as they would on a socket."""
    answer = Response(200, JSON, (b"1", b"2", b"3"))
    arrived: list[str] = []

    async def read(client: Any, name: str) -> None:
        async with client.stream("POST", URL) as response:
            async for chunk in response.aiter_raw():
                arrived.append(name + chunk.decode())  # noqa: PERF401 - others append in between

    async def run() -> None:
        async with http.AsyncClient() as client:
            await asyncio.gather(read(client, "a"), read(client, "b"))

    with activated(Serving(answer)):
        asyncio.run(run())

    assert arrived == ["a1", "b1", "a2", "b2", "a3", "b3"]
