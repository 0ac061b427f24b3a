"""What a replay answers, refuses and lets through."""

from __future__ import annotations

import json

import pytest

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import LlmCall
from tests.engine.runs import (
    answer,
    ask,
    later,
    recorded,
    recorder,
    replayer,
    run_tool,
    say,
    text_of,
)


def test_the_same_request_gets_the_recorded_answer():
    """An equal request is served, whatever else is asked first."""
    replay = replayer(recorded((ask("one"), say("1")), (ask("two"), say("2"))))

    assert text_of(replay.on_request(ask("two"))) == "2"
    assert text_of(replay.on_request(ask("one"))) == "1"
    assert replay.finish().findings == ()


def test_equal_requests_get_their_answers_in_turn():
    """Asked twice with different answers, asked twice again."""
    replay = replayer(recorded((ask("roll"), say("3")), (ask("roll"), say("5"))))

    assert [text_of(replay.on_request(ask("roll"))) for _ in range(2)] == ["3", "5"]


def test_volatile_values_do_not_matter():
    """A new uuid and a later time in the prompt are the same question."""
    first = "order 0b6d9f0e-5a4c-4f66-9d5e-0f6f4c0f2a11 at 2026-11-21T10:00:00Z"
    second = "order 1c7e0a1f-6b5d-4a77-8e6f-1a7a5d1a3b22 at 2026-11-22T09:30:00Z"
    replay = replayer(recorded((ask(first), say("ok"))))

    assert text_of(replay.on_request(ask(second))) == "ok"


def test_a_drifted_request_is_answered_by_what_it_resembles():
    """One report shows the whole run: the answer is served, the diff tells on it."""
    trace = recorded((ask("Refund order 17, please?"), say("done")))
    replay = replayer(trace)

    assert text_of(replay.on_request(ask("Refund order 18, please?"))) == "done"
    (call,) = replay.trace().llm_calls
    assert call.input.messages[0].content == "Refund order 18, please?"


def test_an_exact_request_still_gets_what_was_lent_before():
    """A resembling request does not eat the answer of the one that equals it."""
    replay = replayer(recorded((ask("Tell me about Rome"), say("eternal"))))

    replay.on_request(ask("Tell me about Rom"))

    assert text_of(replay.on_request(ask("Tell me about Rome"))) == "eternal"


def test_a_request_that_resembles_nothing_is_refused_as_the_provider_would():
    """The agent sees a 400 that no SDK retries; the journal keeps it, with the nearest steps."""
    replay = replayer(recorded((ask("one"), say("1"))))
    replay.on_request(ask("one"))

    refused = replay.on_request(ask("entirely different words", model="other"))

    assert isinstance(refused, Response)
    assert refused.status == 400
    assert refused.header("x-should-retry") == "false"
    (finding,) = replay.finish().findings
    assert finding.code is Reason.REQUEST_DRIFT
    assert "--opswald-record=all" in finding.detail[-1]
    assert finding.message in json.loads(refused.body)["error"]["message"]


def test_a_recorded_failure_is_served_again_without_making_clients_wait():
    """A recorded rate limit comes back with nothing to sleep on."""
    limited = Response(429, (("retry-after", "30"),), (b"{}",))
    replay = replayer(recorded((ask("one"), limited)))

    served = replay.on_request(ask("one"))

    assert isinstance(served, Response)
    assert served.status == 429
    assert served.header("retry-after") is None
    assert served.header("x-should-retry") == "false"


def test_a_recorded_broken_connection_breaks_again_however_often_it_is_tried():
    """The client's own retries meet the same failure."""
    replay = replayer(recorded((ask("one"), Failure("ConnectError", "refused"))))

    for _ in range(3):
        served = replay.on_request(ask("one"))
        assert isinstance(served, Failure)
        assert served.kind == "ConnectError"


def test_tools_are_answered_by_arguments_and_occurrence():
    """Each call gets the result of the same call, in whatever order they come."""
    engine = recorder()
    for city, weather in (("Rome", "sun"), ("Oslo", "snow"), ("Rome", "rain")):
        run_tool(engine, "weather", lambda weather=weather: weather, city=city)
    replay = replayer(engine.trace())

    served = [run_tool(replay, "weather", pytest.fail, city=c) for c in ("Oslo", "Rome", "Rome")]

    assert served == ["snow", "sun", "rain"]


def test_an_unknown_tool_call_is_refused_and_named():
    """A tool that was never called fails loudly, with the nearest recorded call."""
    engine = recorder()
    run_tool(engine, "weather", lambda: "sun", city="Rome")
    replay = replayer(engine.trace())

    with pytest.raises(NoRecordedAnswer, match="no recorded result for refund"):
        replay.on_tool_call(ToolUse("refund", {"order_id": 42}))

    assert replay.finish().findings[0].code is Reason.CACHE_MISS


def test_changed_arguments_are_served_unmodified_and_refused_when_the_model_runs_live():
    """Unmodified, one report should show the whole run; live, a wrong result would mislead."""
    engine = recorder()
    run_tool(engine, "weather", lambda: "sun", city="Rome")
    trace = engine.trace()
    live = ReplaySpec(changes=Changes(model="other"))

    assert run_tool(replayer(trace), "weather", pytest.fail, city="Oslo") == "sun"
    with pytest.raises(NoRecordedAnswer, match="Rome"):
        run_tool(replayer(trace, live), "weather", pytest.fail, city="Oslo")


def test_a_tool_that_held_llm_calls_is_run_and_its_leaves_are_served():
    """Nested steps happen again only if their tool does."""
    engine = recorder()
    use = ToolUse("research", {})
    engine.on_tool_call(use)
    inner = Request("POST", ask("").url, (), ask("inner").body, parent=use)
    engine.on_request(inner)
    engine.on_response(inner, later(say("found")))
    engine.on_tool_result(use, ToolOutcome(value="found", ended_ns=1))
    replay = replayer(engine.trace())

    assert replay.on_tool_call(ToolUse("research", {})) is None
    assert text_of(replay.on_request(inner)) == "found"


def test_another_model_goes_live_with_only_the_model_changed():
    """The request that leaves is the agent's own but for what was asked."""
    trace = recorded((ask("one", temperature=0.3), say("1")))
    replay = replayer(trace, ReplaySpec(changes=Changes(model="gpt-5.2-mini")))

    sent = replay.on_request(ask("one", temperature=0.3))

    assert isinstance(sent, Request)
    expected = json.loads(ask("one", temperature=0.3).body) | {"model": "gpt-5.2-mini"}
    assert json.loads(sent.body) == expected


def test_a_model_map_leaves_other_models_to_the_golden():
    """A call that the change does not touch costs nothing."""
    trace = recorded((ask("one", model="small"), say("1")), (ask("two", model="big"), say("2")))
    replay = replayer(trace, ReplaySpec(changes=Changes(model_map={"big": "huge"})))

    assert text_of(replay.on_request(ask("one", model="small"))) == "1"
    assert isinstance(replay.on_request(ask("two", model="big")), Request)


def test_a_fork_serves_the_steps_before_it_and_sends_the_rest():
    """Only the steps from the fork on are paid for."""
    trace = recorded((ask("one"), say("1")), (ask("one", "1", "two"), say("2")))
    second = trace.llm_calls[1].step_number
    replay = replayer(trace, ReplaySpec(fork_from_step=second))

    assert text_of(replay.on_request(ask("one"))) == "1"
    assert isinstance(replay.on_request(ask("one", "1", "two")), Request)


def test_a_rejected_temperature_becomes_a_sentence():
    """The provider's 400 says in the journal what to leave out."""
    changes = Changes(model="o9", temperature=0.0)
    replay = replayer(recorded((ask("one"), say("1"))), ReplaySpec(changes=changes))
    sent = replay.on_request(ask("one"))
    assert isinstance(sent, Request)

    complaint = {"error": {"message": "Unsupported value: 'temperature'"}}
    replay.on_response(sent, later(answer(400, complaint)))

    (finding,) = replay.finish().findings
    assert "o9 does not accept temperature=0.0" in finding.message


def test_answers_wait_for_those_that_were_recorded_before_them():
    """Calls in flight together are answered in the recorded order of arrival."""
    engine = recorder()
    slow, quick = ask("slow"), ask("quick")
    engine.on_request(slow)
    engine.on_request(quick)
    engine.on_response(quick, later(say("q")))
    engine.on_response(slow, later(say("s")))
    replay = replayer(engine.trace())

    first, second = replay.on_request(ask("slow")), replay.on_request(ask("quick"))

    assert not isinstance(first, Request)
    assert not isinstance(second, Request)
    assert [replay.may_deliver(a) for a in (first, second, first)] == [False, True, True]


def test_telemetry_is_silenced():
    """A tracing SDK's upload is answered here and is no step."""
    replay = replayer(recorded())

    heard = replay.on_request(Request("POST", "https://api.openai.com/v1/traces/ingest", (), b""))

    assert isinstance(heard, Response)
    assert heard.status == 204
    assert replay.trace().steps == ()


@pytest.mark.parametrize(
    ("method", "url"),
    [("GET", "https://board.example/v1/logs"), ("POST", "http://localhost:4318/v1/metrics")],
)
def test_what_only_looks_like_telemetry_is_not_silenced(method: str, url: str) -> None:
    """Somebody's list of logs, a server on this machine."""
    heard = replayer(recorded()).on_request(Request(method, url, (), b""))

    assert not (isinstance(heard, Response) and heard.status == 204)


def test_counts_say_where_answers_came_from():
    """Served, live and saved are told apart."""
    engine = recorder()
    request = ask("one")
    engine.on_request(request)
    engine.on_response(request, later(say("1")))
    replay = replayer(engine.trace())
    replay.on_request(ask("one"))

    counts = replay.finish().counts
    assert (counts.llm_served, counts.llm_live) == (1, 0)
    assert counts.tokens_saved.input == 10
    assert isinstance(replay.trace().steps[1], LlmCall)
