"""Server-sent events survive any cut, any line ending, and a way there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.trace.steps import SseEvent
from pytest_opswald.wire import json_text
from pytest_opswald.wire.sse import SseParser, encode_event

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)
TEXT = st.lists(LINE, min_size=1, max_size=3).map("\n".join)


def parse_events(body: bytes) -> tuple[SseEvent, ...]:
    return tuple(SseParser().feed(body))


def is_plain(text: str) -> bool:
    try:
        value = json_text.parse(text)
    except ValueError:
        return True
    return value is None or isinstance(value, str)


EVENTS = st.builds(
    SseEvent,
    data=st.none()
    | TEXT.filter(is_plain)
    | st.dictionaries(LINE, TEXT, max_size=3)
    | st.lists(st.integers(), max_size=3),
    event=st.none() | LINE,
    id=st.none() | LINE,
    retry=st.none() | st.integers(0, 10**9),
    comment=st.none() | TEXT,
).filter(lambda event: event != SseEvent())
STREAMS = st.lists(EVENTS, max_size=5).map(lambda events: b"".join(map(encode_event, events)))


def fed(pieces: list[bytes]) -> tuple[tuple[SseEvent, ...], bytes]:
    parser = SseParser()
    events = tuple(event for piece in pieces for event in parser.feed(piece))
    return events, parser.rest


@given(st.lists(EVENTS, max_size=5))
def test_decoding_inverts_encoding(events):
    """What is encoded comes back as it was."""
    body = b"".join(map(encode_event, events))

    assert parse_events(body) == tuple(events)


@given(STREAMS | st.binary(max_size=60), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.data())
def test_cuts_do_not_matter(body, line_end, data):
    """A stream cut at arbitrary bytes gives the events and the rest of the whole one."""
    body = body.replace(b"\n", line_end)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert fed(pieces) == fed([body])


@given(STREAMS, st.sampled_from([b"\r\n", b"\r"]))
def test_line_endings_do_not_matter(body, line_end):
    """CRLF and CR say the same as LF."""
    assert parse_events(body.replace(b"\n", line_end)) == parse_events(body)


@given(STREAMS, st.integers(0, 400))
def test_a_broken_stream_invents_nothing(body, kept):
    """The events of a stream's beginning are a beginning of its events; the rest stays bytes."""
    events, rest = fed([body[:kept]])

    assert events == parse_events(body)[: len(events)]
    assert body[:kept].endswith(rest)


@pytest.mark.parametrize(
    ("block", "event"),
    [
        ('data: {"a": 1}', SseEvent(data={"a": 1})),
        ("data: [DONE]", SseEvent(data="[DONE]")),
        ("data", SseEvent(data="")),
        ("data: null", SseEvent(data="null")),
        ('data: "x"', SseEvent(data='"x"')),
        ('data: {"a": 1, "a": 2}', SseEvent(data='{"a": 1, "a": 2}')),
        ('data: {"a":\ndata: 1}', SseEvent(data={"a": 1})),
        ("data:one\ndata:  two", SseEvent(data="one\n two")),
        (": OPENROUTER PROCESSING", SseEvent(comment="OPENROUTER PROCESSING")),
        ("event: ping\nid: 7\nretry: 300", SseEvent(event="ping", id="7", retry=300)),
        ("retry: soon\ndata: x", SseEvent(data="x")),
        ("colour: red\ndata: x", SseEvent(data="x")),
        ("\ufeffdata: x", SseEvent(data="x")),
    ],
    ids=[
        "json",
        "text",
        "empty data",
        "json null stays text",
        "json string stays text",
        "lossy json stays text",
        "json over lines",
        "text over lines",
        "comment",
        "no data",
        "bad retry",
        "unknown field",
        "byte order mark",
    ],
)
def test_a_block_is_read(block, event):
    """Each kind of line finds its place."""
    assert parse_events(f"{block}\n\n".encode()) == (event,)
