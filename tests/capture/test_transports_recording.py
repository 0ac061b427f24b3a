"""What a recording sees of a live call, and that the caller notices nothing."""

from __future__ import annotations

import asyncio
import gzip
import threading
import zlib
from typing import Any

import pytest

from local_provider import Drop, Provider, Say, Wait
from pytest_opswald.capture.calls import close_open_calls
from pytest_opswald.capture.handler import ToolUse, activated, current_tool
from pytest_opswald.errors import NoRecordedAnswer, OpswaldError
from pytest_opswald.exchange import Failure, Request, Response
from tests.capture.handlers import Answer, Recording

CHAT = "/v1/chat/completions"


@pytest.fixture
def recording() -> Any:
    """A recording in force."""
    handler = Recording()
    with activated(handler):
        yield handler


def test_first_chunk_arrives_before_the_last_is_sent(caller: Any, recording: Recording) -> None:
    """A stream reaches its reader while the provider still holds back the rest."""
    read = threading.Event()
    seen: list[str] = []

    class Reader(caller.http.SyncByteStream, caller.http.AsyncByteStream):  # type: ignore[misc, name-defined]
        """Tells the provider that a chunk with the first word came through."""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def look(self, chunk: bytes) -> bytes:
            seen.extend(word for word in ("first", "last") if word.encode() in chunk)
            if "first" in seen:
                read.set()
            return chunk

        def __iter__(self) -> Any:
            return (self.look(chunk) for chunk in self.inner)

        async def __aiter__(self) -> Any:
            async for chunk in self.inner:
                yield self.look(chunk)

    def hook(response: Any) -> None:
        response.stream = Reader(response.stream)

    async def async_hook(response: Any) -> None:
        hook(response)

    is_async = caller.client.__name__ == "AsyncClient"
    hooks = {"response": [async_hook if is_async else hook]}
    with Provider([[Say("first "), Wait(read), Say("last")]]) as provider:
        reading = caller.read(provider.url + CHAT, event_hooks=hooks)

    assert reading.error is None
    assert seen == ["first", "last"]
    assert recording.answer.body == reading.body


def test_a_body_read_to_its_end_is_complete(caller: Any, recording: Recording) -> None:
    """Status, headers, body and times are reported once, when the body has ended."""
    with Provider([Say("hello")]) as provider:
        reading = caller.read(provider.url + CHAT)

    answer = recording.answer
    assert (answer.status, answer.ended, answer.body) == (200, "complete", reading.body)
    assert answer.header("Content-Type") == "text/event-stream; charset=utf-8"
    assert 0 < answer.arrived_ns <= answer.ended_ns


def test_a_body_left_early_is_aborted(caller: Any, recording: Recording) -> None:
    """What was read before the reader left is kept."""
    with Provider([[Say("hello "), Wait(0), Say("world")]]) as provider:
        reading = caller.read(provider.url + CHAT, limit=1)

    assert recording.answer.ended == "aborted"
    assert recording.answer.body == reading.body


def test_a_body_that_breaks_names_what_broke_it(caller: Any, recording: Recording) -> None:
    """The pieces before a cut connection are kept, with the exception that the caller got."""
    with Provider([[Say("hello "), Drop()]]) as provider:
        reading = caller.read(provider.url + CHAT)

    answer = recording.answer
    assert type(reading.error).__name__ == answer.failure.kind == "RemoteProtocolError"
    assert str(reading.error) == answer.failure.message
    assert answer.ended == "error"
    assert answer.body == reading.body


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
    ids=["gzip", "deflate", "identity"],
)
def test_the_recording_is_decoded_and_the_caller_gets_what_was_sent(
    caller: Any, recording: Recording, encoding: str, encoded: Any
) -> None:
    """Content-encoding is removed from what is kept, never from what is read."""
    sent = encoded(b'{"text": "hello"}')
    transport = caller.http.MockTransport(
        lambda request: streamed(caller.http, sent, {"content-encoding": encoding})
    )

    reading = caller.read("http://llm.test" + CHAT, transport=transport)

    assert reading.body == sent
    assert recording.answer.body == b'{"text": "hello"}'


class OneChunk:
    """A body of one chunk."""

    chunk: bytes

    def __iter__(self) -> Any:
        yield self.chunk

    async def __aiter__(self) -> Any:
        yield self.chunk


def streamed(http: Any, chunk: bytes, headers: dict[str, str] | None = None) -> Any:
    """A response whose body is still to be read."""
    bases = (OneChunk, http.SyncByteStream, http.AsyncByteStream)
    return http.Response(200, headers=headers, stream=type("Body", bases, {"chunk": chunk})())


def test_a_cut_gzip_body_keeps_what_could_be_read(caller: Any, recording: Recording) -> None:
    """A compressed stream that was left early is decoded as far as it goes."""
    with Provider([[Say("hello "), Wait(0), Say("world")]], compress=True) as provider:
        caller.read(provider.url + CHAT, limit=1)

    assert recording.answer.ended == "aborted"
    assert recording.answer.body.startswith(b"data: {")


def test_a_body_that_was_read_already_is_recorded(
    http: Any, patched: None, recording: Recording
) -> None:
    """Mock transports answer with a body whose stream nobody iterates."""
    transport = http.MockTransport(lambda request: http.Response(200, json={"mock": True}))

    with http.Client(transport=transport) as client:
        answer = client.post("http://llm.test" + CHAT, json={}).json()

    assert answer == {"mock": True}
    assert recording.answer.body == b'{"mock":true}'
    assert recording.answer.ended == "complete"


def test_a_failed_connection_is_recorded_and_raised(caller: Any, recording: Recording) -> None:
    """The exception of the inner transport reaches the caller unchanged."""
    raised = caller.http.ConnectError("no route")

    def fail(request: Any) -> Any:
        raise raised

    with pytest.raises(caller.http.ConnectError) as caught:
        caller.read("http://llm.test" + CHAT, transport=caller.http.MockTransport(fail))

    assert caught.value is raised
    assert (recording.answer.kind, recording.answer.message) == ("ConnectError", "no route")


def test_a_cancelled_call_is_abandoned(http: Any, patched: None, recording: Recording) -> None:
    """Cancellation before the headers is the caller's will, not a failure of the transport."""

    async def never(request: Any) -> Any:
        await asyncio.Event().wait()

    async def run() -> None:
        async with http.AsyncClient(transport=http.MockTransport(never)) as client:
            call = asyncio.create_task(client.post("http://llm.test" + CHAT, json={}))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

    asyncio.run(run())

    assert recording.answer.kind == "Abandoned"


def test_a_body_that_nobody_closes_is_reported_at_the_end(
    http: Any, patched: None, recording: Recording
) -> None:
    """Some clients drop a stream without closing it."""
    with Provider([[Say("hello "), Wait(0), Say("world")]]) as provider, http.Client() as client:
        asked = client.build_request("POST", provider.url + CHAT, json={"stream": True})
        response = client.send(asked, stream=True)
        first = next(body := response.iter_raw())
        leaked = close_open_calls()
        rest = list(body)

    assert leaked == ()
    assert rest
    assert recording.answer.ended == "aborted"
    assert recording.answer.body == first


def test_a_call_without_an_answer_is_leaked(http: Any, patched: None) -> None:
    """What a call does after its test has ended is not reported to the next."""
    arrived, released = threading.Event(), threading.Event()
    recording = Recording()

    def hold(request: Any) -> Any:
        arrived.set()
        released.wait(10)
        return http.Response(200, json={})

    def call() -> None:
        with http.Client(transport=http.MockTransport(hold)) as client:
            client.post("http://llm.test" + CHAT, json={})

    with activated(recording):
        thread = threading.Thread(target=call)
        thread.start()
        arrived.wait(10)
        leaked = close_open_calls()
        released.set()
        thread.join()

    assert [request.path for request in leaked] == [CHAT]
    assert recording.exchanges == []


def test_every_hop_of_a_redirect_is_a_call(http: Any, patched: None, recording: Recording) -> None:
    """A redirected call is two exchanges, as it is on the wire."""

    def answer(request: Any) -> Any:
        if request.url.path == "/old":
            return http.Response(307, headers={"location": "http://llm.test/new"})
        return http.Response(200, json={})

    with http.Client(transport=http.MockTransport(answer), follow_redirects=True) as client:
        client.post("http://llm.test/old", json={"a": 1})

    seen = [(request.path, request.body, got.status) for request, got in recording.exchanges]
    assert seen == [("/old", b'{"a":1}', 307), ("/new", b'{"a":1}', 200)]


def test_clients_stacked_on_clients_record_once(
    http: Any, patched: None, recording: Recording
) -> None:
    """A transport that sends through a client of its own is one call."""
    outer = http.Client(transport=Relay(http))

    with outer:
        outer.post("http://llm.test" + CHAT, json={})

    assert recording.answer.body == b'{"inner":true}'


class Relay:
    """A transport that hands requests to another client."""

    def __init__(self, http: Any) -> None:
        answer = http.Response(200, json={"inner": True})
        self._client = http.Client(transport=http.MockTransport(lambda request: answer))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def close(self) -> None:
        self._client.close()

    def handle_request(self, request: Any) -> Any:
        return self._client.post(request.url, content=request.read())


def test_a_call_through_a_proxy_is_known_by_its_own_url(caller: Any, recording: Recording) -> None:
    """A proxy is a way, not a destination."""
    with Provider([Say("hello")]) as provider:
        reading = caller.read("http://llm.test" + CHAT, proxy=provider.url)

    [(request, answer)] = recording.exchanges
    assert request.url == "http://llm.test" + CHAT
    assert answer.body == reading.body


@pytest.mark.parametrize("kind", ["ASGITransport", "WSGITransport", "_TestClientTransport"])
def test_apps_in_this_process_are_told_apart(
    http: Any, patched: None, recording: Recording, kind: str
) -> None:
    """A handler learns that no socket is involved, also from subclasses."""
    answer = http.Response(200, json={})
    base = type(kind, (http.MockTransport,), {})
    transport = type("Own", (base,), {})(lambda request: answer)

    with http.Client(transport=transport) as client:
        client.get("http://app.test/health")

    assert recording.asked == [("GET", "http://app.test/health", True)]


def test_a_call_that_nobody_wants_is_neither_read_nor_touched(http: Any, patched: None) -> None:
    """A streamed upload to another host stays a stream."""
    seen: list[Any] = []

    class Uninterested(Recording):
        def wants(self, *args: Any, **options: Any) -> bool:
            return False

    def pieces() -> Any:
        seen.append("read")
        yield b"piece"

    class Untouched(http.BaseTransport):  # type: ignore[misc, name-defined]
        def handle_request(self, request: Any) -> Any:
            seen.append("sent")
            request.read()
            return http.Response(200)

    with activated(Uninterested()), http.Client(transport=Untouched()) as client:
        client.post("http://upload.test", content=pieces())

    assert seen == ["sent", "read"]


def test_a_call_knows_the_tool_that_made_it(http: Any, patched: None, recording: Recording) -> None:
    """The tool use in whose code a request is sent is its parent."""
    use = ToolUse("search", {})
    transport = http.MockTransport(lambda request: http.Response(200, json={}))

    token = current_tool.set(use)
    with http.Client(transport=transport) as client:
        client.post("http://llm.test" + CHAT, json={})
    current_tool.reset(token)

    assert recording.exchanges[0][0].parent is use


def test_a_changed_request_goes_out_in_place_of_the_old(caller: Any) -> None:
    """The new body has the right length and the old options; the answer is told with it."""
    sent: list[Any] = []

    class Changing(Recording):
        def on_request(self, request: Request) -> Request | Answer:
            return Request(request.method, request.url, request.headers, '{"model":"ü"}'.encode())

    def answer(request: Any) -> Any:
        sent.append(request)
        return streamed(caller.http, b"{}")

    changing = Changing()
    with activated(changing):
        caller.read(
            "http://llm.test" + CHAT, transport=caller.http.MockTransport(answer), timeout=7
        )

    [request] = sent
    assert request.content == '{"model":"ü"}'.encode()
    assert request.headers["content-length"] == "14"
    assert request.headers["content-type"] == "application/json"
    assert request.extensions["timeout"]["read"] == 7
    assert changing.exchanges[0][0].body == request.content


def test_our_own_defect_costs_no_answer(caller: Any) -> None:
    """When an answer cannot be kept the caller still gets it, and the user a warning."""

    class Forgetful(Recording):
        def on_response(self, request: Request, response: Response | Failure) -> None:
            raise ValueError("disk full")

    forgetful = Forgetful()
    with activated(forgetful), Provider([Say("hello")]) as provider:
        reading = caller.read(provider.url + CHAT)

    assert b"hello" in reading.body
    assert forgetful.warnings == [f"{CHAT}: the answer was not kept: ValueError('disk full')"]


@pytest.mark.parametrize(
    ("raised", "seen", "message"),
    [
        (NoRecordedAnswer("step 3"), NoRecordedAnswer, "step 3"),
        (ValueError("oops"), OpswaldError, "was not sent: ValueError"),
    ],
    ids=["our verdict", "our defect"],
)
def test_a_call_that_could_not_be_decided_is_not_sent(
    caller: Any, raised: Exception, seen: type[Exception], message: str
) -> None:
    """No error of ours turns a replay into a live call."""

    class Undecided(Recording):
        def on_request(self, request: Request) -> Request | Answer:
            raise raised

    with activated(Undecided()), Provider([]) as provider:
        with pytest.raises(seen, match=message):
            caller.read(provider.url + CHAT)

        assert provider.requests == []
