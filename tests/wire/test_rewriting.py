"""Rewriting changes what was asked, where each format keeps it, and nothing else."""

from __future__ import annotations

import copy

import pytest

from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.wire.registry import by_name

CHAT = {
    "messages": [{"role": "system", "content": "Old."}, {"role": "user", "content": "Hi"}],
    "model": "gpt-5.2",
    "temperature": 1,
    "tools": [],
}
RESPONSES = {"input": "Hi", "model": "gpt-5.2", "instructions": "Old.", "store": False}
ANTHROPIC = {
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hi"}],
    "model": "claude-sonnet-5",
    "system": "Old.",
}
USER = {"role": "user", "content": "Hi"}
CACHED = {"cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("name", "body", "changes", "changed"),
    [
        ("openai_chat", CHAT, Changes(model="gpt-6"), {"model": "gpt-6"}),
        ("openai_chat", CHAT, Changes(model_map={"gpt-5.2": "gpt-6"}), {"model": "gpt-6"}),
        ("openai_chat", CHAT, Changes(model_map={"gpt-4": "gpt-6"}), {}),
        ("openai_chat", CHAT, Changes(temperature=0), {"temperature": 0}),
        ("openai_chat", CHAT, Changes(top_p=0.5, seed=7), {"top_p": 0.5, "seed": 7}),
        ("openai_chat", CHAT, Changes(max_tokens=9), {"max_completion_tokens": 9}),
        (
            "openai_chat",
            CHAT,
            Changes(max_tokens=9, model="llama-4"),
            {"max_tokens": 9, "model": "llama-4"},
        ),
        (
            "openai_chat",
            {**CHAT, "max_completion_tokens": 64},
            Changes(max_tokens=9),
            {"max_completion_tokens": 9},
        ),
        ("openai_responses", RESPONSES, Changes(max_tokens=9), {"max_output_tokens": 9}),
        (
            "anthropic",
            ANTHROPIC,
            Changes(max_tokens=9, temperature=0),
            {"max_tokens": 9, "temperature": 0},
        ),
        ("anthropic", ANTHROPIC, Changes(model="claude-opus-5"), {"model": "claude-opus-5"}),
    ],
    ids=[
        "model",
        "mapped model",
        "other model",
        "temperature zero",
        "sampling",
        "chat limit",
        "chat limit of others",
        "chat completion limit",
        "responses limit",
        "anthropic settings",
        "anthropic model",
    ],
)
def test_a_setting_is_changed(name, body, changes, changed):
    """The setting is put where the format keeps it; every other key stays, in its place."""
    before = copy.deepcopy(body)

    after = by_name(name).rewrite(body, changes)

    assert after == {**before, **changed}
    assert list(after)[: len(before)] == list(before)
    assert body == before


@pytest.mark.parametrize("sent", [{}, {"temperature": 0.2}], ids=["not sent", "sent"])
@pytest.mark.parametrize(
    ("name", "body"),
    [("openai_chat", CHAT), ("openai_responses", RESPONSES), ("anthropic", ANTHROPIC)],
    ids=["chat", "responses", "anthropic"],
)
def test_a_temperature_can_be_taken_away(name, body, sent):
    """For models that take none, whether the agent sends one or not."""
    plain = {key: value for key, value in body.items() if key != "temperature"}

    assert by_name(name).rewrite({**plain, **sent}, Changes(temperature="none")) == plain


def test_the_limit_is_renamed_for_models_that_know_it_by_another_name():
    """gpt-4o takes max_tokens, gpt-5 and later take max_completion_tokens in its place."""
    body = {**CHAT, "model": "gpt-4o", "max_tokens": 64}

    after = by_name("openai_chat").rewrite(body, Changes(model="gpt-6", max_tokens=9))

    assert after == {**CHAT, "model": "gpt-6", "max_completion_tokens": 9}


@pytest.mark.parametrize(
    ("name", "body", "changed"),
    [
        (
            "openai_chat",
            CHAT,
            {"messages": [{"role": "system", "content": "New."}, USER]},
        ),
        (
            "openai_chat",
            {"messages": [{"role": "developer", "name": "boss", "content": "Old."}, USER]},
            {"messages": [{"role": "developer", "name": "boss", "content": "New."}, USER]},
        ),
        (
            "openai_chat",
            {"messages": [CHAT["messages"][0], CHAT["messages"][0], USER, CHAT["messages"][0]]},
            {"messages": [{"role": "system", "content": "New."}, USER, CHAT["messages"][0]]},
        ),
        (
            "openai_chat",
            {"messages": [USER]},
            {"messages": [{"role": "system", "content": "New."}, USER]},
        ),
        ("openai_responses", RESPONSES, {"instructions": "New."}),
        ("openai_responses", {"input": "Hi"}, {"instructions": "New."}),
        ("openai_responses", {"input": [USER]}, {"instructions": "New."}),
        (
            "openai_responses",
            {"input": [{"role": "developer", "content": [{"type": "input_text", "text": "Old."}]}]},
            {"input": [{"role": "developer", "content": [{"type": "input_text", "text": "New."}]}]},
        ),
        ("anthropic", ANTHROPIC, {"system": "New."}),
        (
            "anthropic",
            {**ANTHROPIC, "system": [{"type": "text", "text": "Old.", **CACHED}]},
            {"system": [{"type": "text", "text": "New.", **CACHED}]},
        ),
        (
            "anthropic",
            {key: ANTHROPIC[key] for key in ("model", "messages")},
            {"system": "New."},
        ),
    ],
    ids=[
        "chat",
        "chat developer",
        "chat several",
        "chat without",
        "responses",
        "responses without",
        "responses items without",
        "responses item",
        "anthropic",
        "anthropic blocks",
        "anthropic without",
    ],
)
def test_the_system_prompt_is_replaced(name, body, changed):
    """The prompt stands where the old one stood, in its shape; it is added where there was none."""
    before = copy.deepcopy(body)

    after = by_name(name).rewrite(body, Changes(system_prompt="New."))

    assert after == {**before, **changed}
    assert body == before


@pytest.mark.parametrize("name", ["openai_chat", "openai_responses", "anthropic"])
def test_a_foreign_body_is_left_alone(name):
    """What does not speak the format is not bent to it."""
    body = {"recipient": "42", "text": "Hi"}

    assert by_name(name).rewrite(body, Changes(model="gpt-6", system_prompt="New.")) == body
