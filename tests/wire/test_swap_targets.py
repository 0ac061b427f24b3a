"""Whom a model is asked of, by its name, and with whose key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_opswald.exchange import Request
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.swap.sending import readdressed, swapped
from pytest_opswald.wire.swap.target import Target, names_provider

KEYS = {"OPENAI_API_KEY": "sk-o", "ANTHROPIC_API_KEY": "sk-a"}
BODY = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hi"}]}
REQUEST = Request(
    "POST",
    "https://gateway.example/v1/chat/completions?v=1",
    (("authorization", "Bearer agent"), ("cookie", "c=1"), ("x-team", "blue"), ("host", "g")),
    json.dumps(BODY).encode(),
)


@pytest.mark.parametrize(
    ("name", "spoken", "format"),
    [
        ("openai:gpt-6", "anthropic", "openai_chat"),
        ("openai:gpt-6", "openai_responses", "openai_responses"),
        ("openai-chat:gpt-6", "openai_responses", "openai_chat"),
        ("openai-responses:gpt-6", "openai_chat", "openai_responses"),
        ("anthropic:claude-opus-6", "openai_chat", "anthropic"),
    ],
)
def test_a_prefix_names_the_provider(name: str, spoken: str, format: str) -> None:  # noqa: A002
    """`openai:` stays with the format that the agent speaks, where it is one of OpenAI's."""
    target = Target.of(name, spoken)

    assert target == Target(name, name.partition(":")[2], format)
    assert names_provider(name)


@pytest.mark.parametrize(
    "name",
    [None, "gpt-6", "anthropic/claude-opus-6", "us.anthropic.claude-3:0", "llama3:8b", "ft:gpt:x"],
)
def test_other_names_stay_with_the_agents_provider(name: str | None) -> None:
    """Colons and providers within a model's own name mean nothing here."""
    assert Target.of(name, "openai_chat") is None
    assert not names_provider(name)


def test_a_prefix_without_a_model_is_refused() -> None:
    """There is nothing to ask."""
    with pytest.raises(CannotSend, match="names no model"):
        Target.of("anthropic:", "openai_chat")


@pytest.mark.parametrize(
    ("name", "variables", "url", "headers"),
    [
        (
            "openai-chat:m",
            {**KEYS, "OPENAI_ORG_ID": "org", "OPENAI_PROJECT_ID": "proj"},
            "https://api.openai.com/v1/chat/completions",
            {
                "authorization": "Bearer sk-o",
                "openai-organization": "org",
                "openai-project": "proj",
            },
        ),
        (
            "openai-responses:m",
            {**KEYS, "OPENAI_BASE_URL": "http://here/v2/"},
            "http://here/v2/responses",
            {"authorization": "Bearer sk-o"},
        ),
        (
            "anthropic:m",
            KEYS,
            "https://api.anthropic.com/v1/messages",
            {"x-api-key": "sk-a", "anthropic-version": "2023-06-01"},
        ),
        (
            "anthropic:m",
            {"ANTHROPIC_AUTH_TOKEN": "t", "ANTHROPIC_BASE_URL": "http://here"},
            "http://here/v1/messages",
            {"authorization": "Bearer t", "anthropic-version": "2023-06-01"},
        ),
    ],
    ids=["chat", "responses", "anthropic", "anthropic token"],
)
def test_a_target_is_reached_by_its_own_variables(
    name: str, variables: dict[str, str], url: str, headers: dict[str, str]
) -> None:
    """The same ones that its SDK reads."""
    target = Target.of(name, "")

    assert target
    assert target.endpoint(variables) == (url, tuple(headers.items()))


@pytest.mark.parametrize(
    ("name", "variable"), [("anthropic:m", "ANTHROPIC_API_KEY"), ("openai:m", "OPENAI_API_KEY")]
)
def test_a_missing_key_is_named(name: str, variable: str) -> None:
    """Together with what to do."""
    target = Target.of(name, "openai_chat")
    assert target

    with pytest.raises(CannotSend, match=f"needs {variable}, which is not set"):
        target.endpoint({})


def test_nothing_of_the_agents_headers_goes_to_another_provider() -> None:
    """Its key least of all; the trace keeps the agent's format, at the target's host."""
    target = Target.of("anthropic:claude-opus-6", "openai_chat")
    assert target

    swap = swapped(REQUEST, BODY, "openai_chat", target, KEYS)

    assert dict(swap.outgoing.headers).keys() == {"content-type", "x-api-key", "anthropic-version"}
    assert swap.kept.url == "https://api.anthropic.com/v1/chat/completions?v=1"
    assert json.loads(swap.kept.body) == {**BODY, "model": "claude-opus-6"}
    assert swap.notice == ""


def test_betas_that_an_agent_asks_for_are_named_as_left_out() -> None:
    """What they turn on is not there."""
    beta = ("Anthropic-Beta", "context-1m-2025-08-07")
    request = replace(REQUEST, headers=(*REQUEST.headers, beta))
    target = Target.of("openai:gpt-6", "anthropic")
    assert target

    swap = swapped(request, {**BODY, "max_tokens": 9}, "anthropic", target, KEYS)

    assert swap.lost == ("anthropic-beta: context-1m-2025-08-07",)
    assert "anthropic-beta: context-1m-2025-08-07" in swap.notice


def test_the_same_format_is_only_readdressed() -> None:
    """With the key of the provider that is named, and the agent's other headers."""
    target = Target.of("openai:gpt-6", "openai_chat")
    assert target

    request = readdressed(REQUEST, BODY, target, KEYS)

    assert request.url == "https://api.openai.com/v1/chat/completions"
    assert dict(request.headers) == {"x-team": "blue", "authorization": "Bearer sk-o"}
    assert json.loads(request.body) == {**BODY, "model": "gpt-6"}


def test_a_request_of_another_shape_is_refused() -> None:
    """Rather than sent half understood."""
    target = Target.of("anthropic:m", "openai_chat")
    assert target

    with pytest.raises(CannotSend, match="is not understood"):
        swapped(REQUEST, {"messages": [{"role": "tool"}, 7]}, "openai_chat", target, KEYS)


def test_what_is_left_out_is_told_in_one_sentence() -> None:
    """Everything at once."""
    target = Target.of("anthropic:m", "openai_chat")
    assert target

    swap = swapped(REQUEST, {**BODY, "seed": 1, "user": "me"}, "openai_chat", target, KEYS)

    assert swap.notice == "anthropic:m was asked without user, seed: not known there"
