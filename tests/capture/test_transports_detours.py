"""A call that goes to another host than the client's, and comes back translated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from local_provider import Drop, Provider, Say
from pytest_opswald.capture.handler import Detour, activated
from pytest_opswald.exchange import Request, Response
from tests.capture.handlers import Recording

URL = "http://nobody.invalid/v1/chat/completions"


class Detouring(Recording):
    """Sends every call to another URL, and delivers its text in capitals."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.reported: list[Request] = []

    def on_request(self, request: Request) -> Any:
        reported = replace(request, body=b"as the trace keeps it")
        self.reported.append(reported)
        headers = (("content-type", "application/json"), ("x-api-key", "target"))
        outgoing = replace(request, url=self.url, headers=headers)
        return Detour(reported, outgoing, self.back)

    def back(self, response: Response) -> Response:
        said = json.loads(response.body)["choices"][0]["message"]["content"].upper()
        plain = (("content-type", "text/plain"),)
        return replace(response, headers=plain, chunks=(said[:5].encode(), said[5:].encode()))


@pytest.fixture
def asked() -> Any:
    return {"model": "gpt-5.2", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "gzip"])
def test_the_answer_is_delivered_translated(caller: Any, asked: Any, compress: bool) -> None:
    """Read whole, decoded, translated, and delivered piece by piece."""
    with Provider([Say("Hello there.")], compress=compress) as provider:
        handler = Detouring(f"{provider.url}/v1/chat/completions")
        with activated(handler):
            reading = caller.read(URL, asked, headers={"authorization": "Bearer agent"})

    assert reading.chunks == [b"HELLO", b" THERE."]
    (request,) = provider.requests
    assert request.headers["x-api-key"] == "target"
    assert "authorization" not in request.headers
    assert request.headers["host"] == provider.url.removeprefix("http://")


def test_the_translated_answer_is_what_is_reported(caller: Any, asked: Any) -> None:
    """With the request that the handler wants to keep, once."""
    with Provider([Say("Hello there.")]) as provider:
        handler = Detouring(f"{provider.url}/v1/chat/completions")
        with activated(handler):
            caller.read(URL, asked)

    ((request, answer),) = handler.exchanges
    assert request is handler.reported[0]
    assert isinstance(answer, Response)
    assert answer.body == b"HELLO THERE."
    assert 0 < answer.arrived_ns <= answer.ended_ns


def test_a_target_that_is_not_there_is_a_failure_of_the_call(caller: Any, asked: Any) -> None:
    """The library's own exception, reported under the request that was to be kept."""
    with Provider([Say("Hello.")]) as gone:
        handler = Detouring(f"{gone.url}/v1/chat/completions")

    with activated(handler), pytest.raises(caller.http.ConnectError):
        caller.read(URL, asked)

    ((request, _),) = handler.exchanges
    assert request is handler.reported[0]


def test_a_body_that_breaks_off_is_a_failure_of_the_call(caller: Any, asked: Any) -> None:
    """Nothing half translated is delivered."""
    with Provider([[Say("Hello"), Drop()]]) as provider:
        handler = Detouring(f"{provider.url}/v1/chat/completions")
        with activated(handler), pytest.raises(caller.http.RemoteProtocolError):
            caller.read(URL, {**asked, "stream": True})

    assert len(handler.exchanges) == 1


class Elsewhere(Recording):
    """Sends every call, as it is, to another URL."""

    def on_request(self, request: Request) -> Request:
        return replace(request, url="http://other.invalid/v1", headers=())


def back_in_capitals() -> Detouring:
    return Detouring("http://other.invalid/v1")


@pytest.mark.parametrize(
    ("handler", "text"),
    [(Elsewhere, "Hi."), (back_in_capitals, "HI.")],
    ids=["another request", "a detour"],
)
def test_the_clients_own_way_to_the_other_host_is_taken(
    http: Any, patched: None, handler: Any, text: str
) -> None:
    """Mounts, and so proxies, are chosen by the host that is really asked."""
    seen: list[str] = []

    def answering(name: str) -> Any:
        def answer(request: Any) -> Any:
            seen.append(f"{name} {request.url.host} {request.headers['host']}")
            return http.Response(200, json={"choices": [{"message": {"content": "Hi."}}]})

        return http.MockTransport(answer)

    mounts = {
        "http://nobody.invalid": answering("agent"),
        "http://other.invalid": answering("other"),
    }
    with activated(handler()), http.Client(mounts=mounts) as client:
        response = client.post(URL)

    assert seen == ["other other.invalid other.invalid"]
    assert text in response.text
