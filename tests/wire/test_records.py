"""An exchange becomes a record that serves the same answer again, decoded and without waiting."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.steps import Attempt, HttpRecord, SseEvent, StepError
from pytest_opswald.wire.records import read, to_attempt, to_record, to_response

CHAT = "http://127.0.0.1:5001/v1/chat/completions"
ASKED = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hi"}]}
ANSWERED = {"choices": [{"message": {"role": "assistant", "content": "Héllo"}}]}
JSON = ("Content-Type", "application/json; charset=utf-8")
EVENTS = ("content-type", "text/event-stream")


def request(body=ASKED, url=CHAT, method="POST"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, url, (), content)


def response(body=ANSWERED, *headers, status=200, ended="complete"):
    content = body if isinstance(body, bytes) else json.dumps(body, indent=2).encode()
    return Response(status, headers or (JSON,), (content,), ended)


def stream(*events):
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


SAID = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
STOPPED = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def test_a_json_exchange_is_kept_decoded():
    """Bodies are data, the path names the format, and this machine has no port."""
    record = to_record(request(), response())

    assert record == HttpRecord(
        format="openai_chat",
        url="http://localhost/v1/chat/completions",
        request=ASKED,
        headers={"content-type": "application/json; charset=utf-8"},
        body=ANSWERED,
        layout="indented, ascii",
    )


LAYOUTS = {
    "compact": {"separators": (",", ":")},
    "spaced": {},
    "indented": {"indent": 2},
    "letters": {"ensure_ascii": False},
}


@pytest.mark.parametrize("style", LAYOUTS.values(), ids=LAYOUTS)
def test_a_body_is_served_in_the_layout_it_came_in(style):
    """Code that looks at the raw text sees what it saw."""
    raw = json.dumps({"said": "Zürich", "list": [1, {"a": []}]}, **style).encode()

    assert to_response(to_record(request(), response(raw))).body == raw


def test_a_stream_is_served_in_the_layout_it_came_in():
    """The same for every event."""
    raw = stream({"said": "Zürich"}, {"list": [1, 2]})

    assert to_response(to_record(request(), response(raw, EVENTS))).body == raw


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_padding_is_left_out(path):
    """Noise that OpenAI puts into events, so that their length tells nothing, says nothing."""
    padded = stream({**SAID, "obfuscation": "kJ3x"}, {**STOPPED, "obfuscation": "q"})

    record = to_record(request(url=f"https://api.openai.com{path}"), response(padded, EVENTS))

    assert to_response(record).body == stream(SAID, STOPPED)


def test_what_only_sounds_like_padding_is_kept():
    """Other formats mean something by it, and so does a message."""
    said = {"obfuscation": "kept", "choices": [{"delta": {"obfuscation": "kept"}}]}

    record = to_record(request(url="http://127.0.0.1/v1/messages"), response(stream(said), EVENTS))

    assert to_response(record).body == stream(said)


def test_a_body_that_broke_off_breaks_off_again():
    """What was read before comes first, then the same error."""
    broken = dataclasses.replace(
        response(stream(SAID), EVENTS, ended="error"), failure=Failure("ReadError", "reset")
    )

    served = to_response(to_record(request(), broken))

    assert served.body == stream(SAID)
    assert (served.failure.kind, served.failure.message) == ("ReadError", "reset")


def test_a_stream_is_kept_as_events():
    """Each event is data of its own, and is served as a chunk of its own."""
    record = to_record(request(), response(stream(SAID, STOPPED) + b"data: [DONE]\n\n", EVENTS))

    assert record.events == (
        SseEvent(data=SAID),
        SseEvent(data=STOPPED),
        SseEvent(data="[DONE]"),
    )
    assert len(to_response(record).chunks) == 3


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", [JSON]),
        (b"null", [JSON]),
        (b'"text"', [JSON]),
        (b"{'a'", [JSON]),
        (b'{"a": NaN}', [JSON]),
        (b'{"a": 1, "a": 2}', [JSON]),
        (b'{"a": 1}', [("content-type", "text/plain")]),
        ("caf\xe9".encode("latin-1"), [("content-type", "text/plain; charset=latin-1")]),
        (b"\x00\xff\xfe", [("content-type", "image/png")]),
        (b": hi\n\ndata: {}\n\n", [EVENTS]),
        (b"data: {}\n\ndata: {", [EVENTS]),
        (b"data: \xe2\x82", [EVENTS]),
        (b'{"error": {}}', [EVENTS]),
    ],
    ids=[
        "empty",
        "null",
        "json string",
        "broken json",
        "nan",
        "repeated key",
        "text",
        "latin-1",
        "binary",
        "comment",
        "unfinished event",
        "unfinished character",
        "no event at all",
    ],
)
def test_a_body_is_served_as_it_came(body, headers):
    """What decoding would lose is kept as text or base64."""
    record = to_record(request(), response(body, *headers))

    again = to_response(HttpRecord.model_validate_json(record.model_dump_json()))

    assert again.body == body
    assert again.headers == tuple((name.lower(), value) for name, value in headers)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", None),
        (b'{"b": 1, "a": 2}', {"b": 1, "a": 2}),
        (b"[1]", [1]),
        (b"null", "null"),
        (b'"x"', '"x"'),
        (b"a=1&b=2", "a=1&b=2"),
        (b"--7f\r\n\r\n\xff\x00\r\n--7f--", "--7f\r\n\r\n\\xff\x00\r\n--7f--"),
    ],
    ids=["empty", "object", "list", "null", "json string", "form", "multipart"],
)
def test_a_request_body_is_kept_comparable(body, kept):
    """JSON as data, anything else as readable text."""
    assert to_record(request(body), response()).request == kept


def test_only_telling_headers_are_kept():
    """Content type, request ids and limits; no cookies, dates or server names."""
    told = [
        ("Content-Type", "application/json"),
        ("X-Request-Id", "req_1"),
        ("request-id", "req_2"),
        ("retry-after", "3"),
        ("x-ratelimit-remaining-tokens", "9"),
        ("anthropic-ratelimit-requests-limit", "8"),
    ]
    secret = [("Set-Cookie", "session=1"), ("date", "today"), ("openai-organization", "me")]

    record = to_record(request(), response(ANSWERED, *told, *secret))

    assert record.headers == {name.lower(): value for name, value in told}


@pytest.mark.parametrize("status", [408, 409, 429, 500, 529])
def test_a_failure_is_served_without_a_reason_to_wait(status):
    """No SDK sleeps on a recorded Retry-After, or tries again what will not change."""
    waits = [JSON, ("Retry-After", "20"), ("retry-after-ms", "20000"), ("x-should-retry", "true")]
    record = to_record(request(), response({"error": {"message": "no"}}, *waits, status=status))

    again = to_response(record)

    assert record.headers["retry-after"] == "20"
    assert again.status == status
    assert again.header("x-should-retry") == "false"
    assert again.header("retry-after") is None
    assert again.header("retry-after-ms") is None


@pytest.mark.parametrize("status", [200, 400, 404])
def test_other_answers_carry_no_advice(status):
    """Nothing is added to what no SDK tries again."""
    again = to_response(to_record(request(), response({}, JSON, status=status)))

    assert again.headers == (("content-type", JSON[1]),)


def test_a_transport_failure_is_kept_and_served():
    """The exception's name and words come back."""
    record = to_record(request(), Failure("ReadTimeout", "too slow"))

    reading = read(record)
    again = to_response(record)

    assert (again.kind, again.message) == ("ReadTimeout", "too slow")
    assert reading.error == StepError(type="timeout", message="ReadTimeout: too slow")
    assert not reading.complete


@pytest.mark.parametrize(
    ("events", "ended"),
    [((SAID, STOPPED), "complete"), ((SAID,), "aborted")],
    ids=["after the terminal event", "before it"],
)
def test_letting_go_after_the_terminal_event_is_reading_to_the_end(events, ended):
    """SDKs close a stream once they have the last event: a golden does not depend on how early."""
    record = to_record(request(), response(stream(*events), EVENTS, ended="aborted"))

    assert record.ended == ended


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"error": {"message": "no such model"}}, 404, "HTTP 404: no such model"),
        ({"type": "error", "error": {"message": "bad"}}, 400, "HTTP 400: bad"),
        ({"error": "no such model"}, 404, "HTTP 404: no such model"),
        ({"detail": "no"}, 422, "HTTP 422: no"),
        (b"<html>Bad gateway</html>", 502, "HTTP 502: <html>Bad gateway</html>"),
        (b"", 500, "HTTP 500"),
    ],
    ids=["openai", "anthropic", "plain", "detail", "html", "nothing"],
)
def test_a_refusal_is_read_as_an_error(body, status, message):
    """The provider's own sentence, behind the status."""
    reading = read(to_record(request(), response(body, status=status)))

    assert reading.error == StepError(type="llm_error", message=message)
    assert reading.tokens is None


@pytest.mark.parametrize(
    ("url", "asked", "answered", "reason"),
    [
        ("https://example.com/search", ASKED, ANSWERED, "no wire format speaks on this path"),
        (CHAT, ["Hi"], ANSWERED, "the request is no JSON object"),
        (CHAT, {"text": "Hi"}, ANSWERED, "KeyError('messages')"),
        (CHAT, ASKED, {"pathname": "/"}, "the answer has no 'choices'"),
        (CHAT, ASKED, b"plain", "the answer is no JSON object"),
    ],
    ids=["path", "request kind", "request shape", "answer shape", "answer kind"],
)
def test_what_cannot_be_read_says_why(url, asked, answered, reason):
    """It is still kept and served as plain HTTP."""
    record = to_record(request(asked, url), response(answered))

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read(record)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "attempt"),
    [
        (
            response({"error": {"message": "Slow down."}}, status=429),
            Attempt(status=429, error="Slow down."),
        ),
        (
            response(b"busy", ("content-type", "text/plain"), status=503),
            Attempt(status=503, error="busy"),
        ),
        (Failure("ConnectError", "refused"), Attempt(error="ConnectError: refused")),
    ],
    ids=["json", "text", "transport"],
)
def test_a_failed_try_is_kept_in_short(answer, attempt):
    """Status and the provider's words, or the exception."""
    assert to_attempt(answer) == attempt
