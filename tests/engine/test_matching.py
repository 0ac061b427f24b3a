"""Finding the recorded answer to a request."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_opswald.exchange import Request
from tests.engine.runs import ask, recorded, replayer, say, text_of


def as_sdks_write(request: Request) -> Request:
    body = json.dumps(json.loads(request.body), ensure_ascii=False, separators=(",", ":"))
    return replace(request, body=body.encode())


@pytest.mark.parametrize(
    "written", [as_sdks_write, lambda request: request], ids=["compact", "spaced"]
)
def test_white_space_of_a_request_does_not_matter(written):
    """The quick way by the letter and the way by canonical keys give the same answers."""
    asked = [ask("Grüße"), ask("again"), ask("again")]
    answers = [say(text) for text in ("hello", "first", "second")]
    engine = replayer(recorded(*zip(asked, answers, strict=True)))

    served = [text_of(engine.on_request(written(request))) for request in asked]

    assert served == ["hello", "first", "second"]
    assert engine.finish().findings == ()


def test_requests_in_another_order_get_their_own_answers():
    """A request that is not the next one is found all the same."""
    asked = [as_sdks_write(ask(text)) for text in ("one", "two", "three")]
    engine = replayer(recorded(*((request, say(f"to {n}")) for n, request in enumerate(asked))))

    served = [text_of(engine.on_request(asked[n])) for n in (2, 0, 1)]

    assert served == ["to 2", "to 0", "to 1"]


def test_a_whole_number_is_no_float():
    """Equal in Python, not on the wire: the difference is reported."""
    engine = replayer(recorded((ask("hi", temperature=1), say("hello"))))

    engine.on_request(as_sdks_write(ask("hi", temperature=1.0)))

    [call] = engine.finish().trace.llm_calls
    assert repr(call.input.temperature) == "1.0"
