"""What a recording makes of concurrency, retries and nesting."""

from __future__ import annotations

import threading
import time

import pytest

from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.engine.arrivals import MOMENT_NS
from pytest_opswald.exchange import Failure, Request
from pytest_opswald.trace.steps import Custom, LlmCall, ToolCall
from tests.engine.runs import answer, ask, later, recorded, recorder, say


def test_failed_tries_are_attempts_of_one_step():
    """A rate limit and a dropped connection before the answer do not make steps of their own."""
    request, again, once_more = ask("Hello"), ask("Hello"), ask("Hello")
    trace = recorded(
        (request, answer(429, {"error": {"message": "slow down"}})),
        (again, Failure("ConnectError", "refused")),
        (once_more, say("Hi")),
    )

    (call,) = trace.llm_calls
    assert [attempt.status for attempt in call.http.attempts] == [429, None]
    assert call.output.content == "Hi"


def test_retries_of_concurrent_calls_join_their_own_first_tries():
    """Two calls that fail side by side stay two steps."""
    engine = recorder()
    one, two = ask("one"), ask("two")
    engine.on_request(one)
    engine.on_request(two)
    engine.on_response(one, later(answer(500, {})))
    engine.on_response(two, later(answer(500, {})))
    for text in ("two", "one"):
        retry = ask(text)
        engine.on_request(retry)
        engine.on_response(retry, later(say(f"answer {text}")))

    calls = engine.trace().llm_calls
    assert [call.output.content for call in calls] == ["answer one", "answer two"]
    assert [len(call.http.attempts) for call in calls] == [1, 1]


def test_calls_in_flight_together_form_a_group_and_keep_their_order_of_arrival():
    """Their place does not depend on who was quicker; who was answered first is noted."""
    engine = recorder()
    requests = [ask(name) for name in ("a slow one", "quick")]
    for request in requests:
        engine.on_request(request)
    for moment, request in enumerate(reversed(requests)):
        arrived = time.monotonic_ns() + moment * MOMENT_NS
        engine.on_response(request, say("done", at_ns=arrived))

    slow, quick = engine.trace().llm_calls
    assert slow.group == quick.group == 1
    assert (slow.arrival, quick.arrival) == (2, 1)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids=["a first", "b first"])
def test_calls_of_several_threads_are_told_in_the_same_order_whoever_began(order):
    """The scheduler must not decide what a golden looks like."""
    engine = recorder()
    requests = {name: ask(name) for name in order}
    for name in order:
        thread = threading.Thread(target=engine.on_request, args=(requests[name],))
        thread.start()
        thread.join()
    for name in order:
        engine.on_response(requests[name], later(say(name)))

    assert [call.output.content for call in engine.trace().llm_calls] == ["a", "b"]


def test_what_happens_inside_a_tool_is_nested_in_it():
    """An LLM call made by a tool stands between the tool's call and result, in its span."""
    engine = recorder()
    use = ToolUse("research", {})
    engine.on_tool_call(use)
    inner = Request("POST", ask("").url, (), ask("inner").body, parent=use)
    engine.on_request(inner)
    engine.on_response(inner, later(say("found")))
    engine.on_tool_result(use, ToolOutcome(value="found", ended_ns=1))

    call, llm, _ = engine.trace().steps[:3]
    assert isinstance(call, ToolCall)
    assert isinstance(llm, LlmCall)
    assert call.span_id == llm.parent_span_id == "span_1"


def test_plain_http_of_a_leaf_tool_is_its_own_affair():
    """A tool that is answered from the golden does not need its traffic recorded."""
    engine = recorder()
    use = ToolUse("weather", {"city": "Rome"})
    engine.on_tool_call(use)
    inner = Request("GET", "https://weather.example/rome", (), b"", parent=use)
    engine.on_request(inner)
    engine.on_response(inner, later(answer(200, {"sun": True})))
    engine.on_tool_result(use, ToolOutcome(value="sun", ended_ns=1))

    assert not [step for step in engine.trace().steps if isinstance(step, Custom)]


def test_what_cannot_be_read_is_kept_as_plain_http_and_named():
    """An unknown API is recorded all the same, and its path is told."""
    engine = recorder()
    request = Request("POST", "https://api.example.com/v9/think", (), b'{"q": 1}')
    engine.on_request(request)
    engine.on_response(request, later(answer(200, {"a": 2})))

    recording = engine.finish()
    (step,) = recording.trace.steps
    assert isinstance(step, Custom)
    assert step.http.body == {"a": 2}
    assert "https://api.example.com/v9/think" in recording.notices[0]


def test_hand_told_steps_stand_where_they_were_told():
    """A decision between two LLM calls is a step between them."""
    engine = recorder()
    for text in ("one", None, "two"):
        if text is None:
            engine.on_note(Note("decision", output={"decision": "refund"}))
            continue
        request = ask(text)
        engine.on_request(request)
        engine.on_response(request, later(say(text)))

    types = [step.type for step in engine.trace().steps]
    assert types == ["user_input", "llm_call", "decision", "llm_call", "response"]


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://127.0.0.1:8000/orders", False),
        ("http://localhost:5432/v1/chat/completions", True),
        ("http://127.0.0.1:8000/v1/embeddings", True),
        ("https://api.openai.com/v1/embeddings", True),
        ("https://weather.example/rome", True),
        ("https://api.openai.com/v1/traces/ingest", False),
    ],
)
def test_the_users_own_local_servers_are_left_alone(url, taken):
    """LLM calls and the internet belong to a run; local services and telemetry do not."""
    assert recorder().wants("POST", url, {}, in_process=False) is taken
