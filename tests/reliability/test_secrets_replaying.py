"""A golden without secrets replays with another secret, and with none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.result import Replay
from pytest_opswald.exchange import Request, Response
from pytest_opswald.judging import judged
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.trace import Trace
from tests.engine.runs import CLOCK, Scope, ask, later, run_tool, say
from tests.redaction.planted import secret

OLD, NEW = secret("github", "old"), secret("github", "new")
NAMELESS = "a-key-of-no-vendor-" + "4711"


def secrets(**environment: str) -> Secrets:
    return Secrets(environment=lambda: environment)


def recorder(known: Secrets) -> Recorder:
    return Recorder(scope=Scope(), clock=CLOCK, price=lambda call: None, secrets=known)


def replayer(trace: Trace, known: Secrets, spec: ReplaySpec | None = None) -> Replayer:
    golden = Golden(name="deploy", test="test_it.py::test_deploy", trace=trace)
    return Replayer(
        golden,
        spec or ReplaySpec(),
        scope=Scope(),
        clock=CLOCK,
        price=lambda call: None,
        secrets=known,
        variables={},
    )


def agent(engine: Recorder | Replayer, key: str) -> None:
    """Says its key to the model, hands it to a tool, and says what the tool gave back."""
    said = say(f"I will use {key}.", ("call_1", "deploy", {"token": key}))
    exchange(engine, ask(f"Deploy with {key}"), said)
    result = run_tool(engine, "deploy", lambda: {"ok": True, "used": key}, token=key)
    told = [{"role": "tool", "tool_call_id": "call_1", "content": json.dumps(result)}]
    exchange(engine, ask(f"Deploy with {key}", tools=told), say("Done."))


def exchange(engine: Recorder | Replayer, request: Request, live: Response) -> None:
    if isinstance(engine.on_request(request), Request):
        engine.on_response(request, later(live))


def recorded(key: str, **environment: str) -> Trace:
    engine = recorder(secrets(**environment))
    agent(engine, key)
    return engine.finish().trace


def replayed(trace: Trace, key: str, **environment: str) -> Replay:
    engine = replayer(trace, secrets(**environment))
    agent(engine, key)
    return engine.finish()


@pytest.mark.parametrize(
    ("key", "environment"),
    [(OLD, {}), (NEW, {}), (NAMELESS, {"DEPLOY_KEY": NAMELESS}), ("", {})],
    ids=["same key", "other key", "other name", "no key"],
)
def test_a_recording_replays_whatever_the_key(key: str, environment: dict[str, str]) -> None:
    """Everything is answered, nothing differs; without a key, what differs is just that."""
    replay = replayed(recorded(OLD), key, **environment)

    assert replay.findings == ()
    assert (replay.counts.llm_served, replay.counts.llm_live) == (2, 0)
    assert judged(replay).failed is (key == "")


def test_a_dummy_in_the_place_of_a_key_is_no_difference() -> None:
    """Replays set dummies for keys that are unset."""
    trace = recorded(NAMELESS, OPENAI_API_KEY=NAMELESS)

    replay = replayed(trace, "opswald-replay-no-key", OPENAI_API_KEY="opswald-replay-no-key")

    assert not judged(replay).failed


def test_a_golden_that_was_written_with_a_secret_replays_all_the_same() -> None:
    """Rules grow; what counts as a secret today may stand in an old golden."""
    old_rules = recorded(NAMELESS)

    replay = replayed(old_rules, NAMELESS, DEPLOY_KEY=NAMELESS)

    assert not judged(replay).failed
    assert NAMELESS not in replay.golden.trace.model_dump_json()


def test_recording_with_another_key_gives_the_same_trace() -> None:
    """Rotating a key changes no golden."""
    assert plain(recorded(OLD)) == plain(recorded(NEW))


def test_credentials_in_headers_are_replaced_in_what_came_before_them() -> None:
    """A key is a secret from the beginning of a run to its end."""
    engine = recorder(secrets())
    first, second = ask(f"I have {NAMELESS}"), ask("Go on")
    signed = Request(second.method, second.url, (("x-api-key", NAMELESS),), second.body)

    exchange(engine, first, say("Good."))
    exchange(engine, signed, say("Done."))

    assert "I have ‹redacted:x-api-key#1›" in engine.finish().trace.model_dump_json()


def test_a_request_that_goes_live_keeps_its_secrets() -> None:
    """The provider gets what the agent says; only what is kept is redacted."""
    spec = ReplaySpec(changes=Changes(model="gpt-5.2-mini"))
    engine = replayer(recorded(OLD), secrets(), spec)

    sent = engine.on_request(ask(f"Deploy with {NEW}"))

    assert isinstance(sent, Request)
    body = json.loads(sent.body)
    assert body["model"] == "gpt-5.2-mini"
    assert NEW in body["messages"][0]["content"]


def test_a_miss_names_no_secret() -> None:
    """Neither in the journal nor in what the agent is told."""
    engine = replayer(recorded(OLD), secrets())

    answer = engine.on_request(Request("POST", "https://api.openai.com/v1/responses", (), _body()))

    assert isinstance(answer, Response)
    assert NEW not in answer.body.decode()
    assert NEW not in str(engine.finish().findings)


def _body() -> bytes:
    return json.dumps({"model": NEW, "input": NEW}).encode()


def plain(trace: Trace) -> Any:
    volatile = {"timestamp", "duration_ms"}
    return [step.model_dump(exclude=volatile) for step in trace.steps]
