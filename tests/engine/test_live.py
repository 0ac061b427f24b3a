"""What goes out instead of a request when a replay changes something, and what must not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_opswald.capture.environment import DUMMY_KEY
from pytest_opswald.capture.handler import Detour
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.scope import Scope
from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from tests.engine.runs import CLOCK, answer, ask, recorded, say

KEYS = {"OPENAI_API_KEY": "sk-o", "ANTHROPIC_API_KEY": "sk-a"}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-6-2026",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 2},
}


def forked(step: int, *exchanges: tuple[Request, Response]) -> Replayer:
    """A replay of these calls in which those from a step on go live."""
    golden = Golden(name="g", test="t.py::test", trace=recorded(*exchanges))
    spec = ReplaySpec(fork_from_step=step)
    return Replayer(golden, spec, scope=Scope(), clock=CLOCK, price=lambda call: None, variables={})


def live(variables: dict[str, str] | None = None, **changes: Any) -> Replayer:
    """A replay with changes of a golden that holds one call."""
    golden = Golden(name="g", test="t.py::test", trace=recorded((ask("Hi"), say("Hello."))))
    return Replayer(
        golden,
        ReplaySpec(changes=Changes(**changes)),
        scope=Scope(),
        clock=CLOCK,
        price=lambda call: None,
        variables=KEYS if variables is None else variables,
    )


def sent(engine: Replayer, request: Request) -> Request:
    """The request that goes out in its place."""
    out = engine.on_request(request)
    assert isinstance(out, Request)
    return out


REFUSED_TEMPERATURE = {
    "openai chat": "Unsupported value: 'temperature' does not support 0.5 with this model. Only "
    "the default (1) value is supported.",
    "openai responses": "Unsupported parameter: 'temperature' is not supported with this model.",
    "anthropic": "`temperature` is deprecated for this model.",
    "anthropic thinking": "`temperature` may only be set to 1 when thinking is enabled.",
    "anthropic both": "`temperature` and `top_p` cannot both be specified for this model. "
    "Please use only one.",
}


@pytest.mark.parametrize("said", REFUSED_TEMPERATURE.values(), ids=REFUSED_TEMPERATURE)
def test_a_refused_temperature_becomes_a_sentence(said: str) -> None:
    """In the words of both providers; what they said stands below."""
    engine = live(model="o9", temperature=0.5)

    out = sent(engine, ask("Hi"))
    engine.on_response(out, answer(400, {"error": {"message": said}}))

    (finding,) = engine.finish().findings
    assert finding.code == Reason.INFRA
    assert finding.message == (
        "o9 does not accept temperature=0.5: leave it out or choose another model"
    )
    assert said[:20] in finding.detail[0]


@pytest.mark.parametrize(
    ("sends", "said", "told"),
    [
        (
            {"temperature": 0.2},
            "Unsupported parameter: 'temperature'",
            "temperature=0.2: the agent itself sends it; "
            "take it away with --opswald-temperature none",
        ),
        (
            {"max_tokens": 50},
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "max_tokens=50: the agent itself sends it; let it do so only for models that take it",
        ),
    ],
    ids=["temperature", "max_tokens"],
)
def test_a_parameter_of_the_agents_own_is_told_apart(
    sends: dict[str, Any], said: str, told: str
) -> None:
    """It is for the agent to leave it out, or for the flag that does."""
    engine = live(model="o9")

    out = sent(engine, ask("Hi", **sends))
    engine.on_response(out, answer(400, {"error": {"message": said}}))

    (finding,) = engine.finish().findings
    assert finding.message == f"o9 does not accept {told}"


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "messages: roles must alternate"), (429, "temperature of the planet"), (200, "")],
    ids=["another complaint", "another status", "no complaint"],
)
def test_other_answers_are_not_explained(status: int, said: str) -> None:
    """Only a 400 that names a parameter which was sent."""
    engine = live(model="o9", temperature=0.5)

    out = sent(engine, ask("Hi"))
    engine.on_response(out, answer(status, {"error": {"message": said}}))

    assert engine.finish().findings == ()


def test_a_change_of_a_signed_request_is_refused() -> None:
    """The signature covers the body, and only the agent can sign."""
    signed = replace(ask("Hi"), headers=(("Authorization", "AWS4-HMAC-SHA256 Credential=A/b"),))
    engine = live(model="gpt-6")

    refusal = engine.on_request(signed)

    assert isinstance(refusal, Response)
    assert refusal.status == 400
    (finding,) = engine.finish().findings
    assert finding.code == Reason.NOT_SENT
    assert finding.message == "LLM call 1 cannot be sent with model=gpt-6"
    assert "it was signed (AWS Signature Version 4)" in finding.detail[0]


def test_a_signed_request_can_go_to_another_provider() -> None:
    """There its signature means nothing, and is not sent."""
    signed = replace(ask("Hi"), headers=(("Authorization", "AWS4-HMAC-SHA256 Credential=A/b"),))

    out = live(model="anthropic:claude-opus-6").on_request(signed)

    assert isinstance(out, Detour)
    assert "authorization" not in dict(out.outgoing.headers)


@pytest.mark.parametrize("variables", [{}, {"ANTHROPIC_API_KEY": DUMMY_KEY}], ids=["no", "dummy"])
def test_without_the_targets_key_nothing_is_sent(variables: dict[str, str]) -> None:
    """The agent's own key is no substitute, nor is the one that stands in for a missing one."""
    engine = live(variables, model="anthropic:claude-opus-6")

    refusal = engine.on_request(ask("Hi"))

    assert isinstance(refusal, Response)
    (finding,) = engine.finish().findings
    assert "anthropic:claude-opus-6 needs ANTHROPIC_API_KEY, which is not set" in finding.detail[0]


def test_the_trace_keeps_the_agents_format_and_names_who_answered() -> None:
    """So that the diff compares like with like."""
    engine = live(model="anthropic:claude-opus-6")

    out = engine.on_request(ask("Hi", seed=7))
    assert isinstance(out, Detour)
    engine.on_response(out.request, out.back(answer(200, MESSAGE)))

    replay = engine.finish()
    (call,) = replay.trace.llm_calls
    assert call.http
    assert call.http.format == "openai_chat"
    assert (call.input.model, call.input.provider) == ("claude-opus-6", "anthropic")
    assert (call.output.model, call.output.content) == ("claude-opus-6-2026", "Hello.")
    assert replay.notices == ("anthropic:claude-opus-6 was asked without seed: not known there",)


def test_a_change_that_the_target_does_not_know_is_refused() -> None:
    """A wish is never dropped, not even harmlessly."""
    engine = live(model="anthropic:claude-opus-6", seed=7)

    engine.on_request(ask("Hi"))

    (finding,) = engine.finish().findings
    assert finding.detail == ("anthropic:claude-opus-6 knows no seed: leave it out",)


def test_a_map_swaps_only_the_models_it_names() -> None:
    """OLD=anthropic:NEW; calls of other models are answered from the golden."""
    engine = live(model_map={"gpt-4": "anthropic:claude-opus-6"})

    served, swapped = engine.on_request(ask("Hi")), engine.on_request(ask("Hi", model="gpt-4"))

    assert isinstance(served, Response)
    assert isinstance(swapped, Detour)


@pytest.mark.parametrize("changes", [{"seed": 0}, {"top_p": 0.0}, {"temperature": 0.0}])
def test_a_change_to_zero_is_a_change(changes: dict[str, Any]) -> None:
    """Zero is a value like any other."""
    out = sent(live(**changes), ask("Hi"))

    assert json.loads(out.body) == {**json.loads(ask("Hi").body), **changes}


def test_azure_names_the_new_model_in_the_url() -> None:
    """The deployment in the path decides there."""
    url = "https://x.openai.azure.com/openai/deployments/gpt-5.2/chat/completions?api-version=1"

    out = sent(live(model="gpt-6"), replace(ask("Hi"), url=url))

    assert out.url == url.replace("gpt-5.2", "gpt-6")


TWINS = (
    (ask("How is the wind in Porto today?"), say("Strong.")),
    (ask("How is the sun in Porto today?"), say("Hot.")),
)


def test_a_later_step_is_not_answered_by_an_earlier_one_that_it_resembles() -> None:
    """Calls in flight together come in any order: the live one may be the first to ask."""
    (wind, _), (sun, _) = TWINS
    engine = forked(3, *TWINS)

    assert sent(engine, sun).body == sun.body
    assert isinstance(engine.on_request(wind), Response)


def test_a_request_that_drifted_before_the_fork_is_answered() -> None:
    """As in any replay; the diff tells on it."""
    engine = forked(3, *TWINS)

    assert isinstance(engine.on_request(ask("How is the wind in Porto now?")), Response)


def test_what_follows_from_a_live_answer_is_live() -> None:
    """However much it resembles an earlier step that was not asked for yet."""
    (_, (sun, _)) = TWINS
    engine = forked(3, *TWINS)

    sent(engine, sun)
    out = engine.on_request(ask("How is the wind in Porto now?"))

    assert isinstance(out, Request)
