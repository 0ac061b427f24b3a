"""Replays with another model, temperature or prompt: LLM calls live, tools from the golden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local_provider import Ask, Call, Fail, Reply, Say
from tests.agents import refund_model
from tests.language import Project


def _wording(ask: Ask) -> Reply:
    reply = refund_model(ask)
    return Say("Done: 19.9 EUR, order 42.") if isinstance(reply, Say) else reply


def _idle(ask: Ask) -> Reply:
    return Say("Refunded 19.9 EUR for order 42.") if len(ask.results) == 2 else refund_model(ask)


def _hasty(ask: Ask) -> Reply:
    return Call("refund", order_id=42, amount=1.0) if not ask.results else refund_model(ask)


def test_another_model_is_asked_while_tools_come_from_the_golden(recorded: Project) -> None:
    """Every LLM call is live with the new model, and no tool is executed."""
    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-5.2-mini")

    assert run.outcomes == {"passed": 1}, run.report
    assert (run.provider_calls, run.tool_calls) == (3, 0)
    assert {ask.model for ask in recorded.provider.requests} == {"gpt-5.2-mini"}


def test_only_what_was_asked_is_changed_in_a_request(recorded: Project) -> None:
    """All but the temperature is as the agent sent it."""
    recorded.run("--opswald-replay", "--opswald-temperature", "0")

    first, changed = _first_request(recorded), recorded.provider.requests[0].body
    assert changed == {**first, "temperature": 0}


def test_a_prompt_from_a_file_replaces_the_system_prompt(recorded: Project) -> None:
    """@file is read, and only the system message differs."""
    (recorded.path / "prompt.txt").write_text("Be brief.\nBe kind.")

    run = recorded.run("--opswald-replay", "--opswald-prompt", "@prompt.txt")

    assert run.tool_calls == 0
    assert recorded.provider.requests[0].system == "Be brief.\nBe kind."


@pytest.mark.parametrize(
    ("script", "outcome"),
    [(_wording, "passed"), (_idle, "failed"), (_hasty, "failed")],
    ids=["other words", "a refund only claimed", "another tool call"],
)
def test_a_live_model_is_judged_by_what_it_achieves(
    recorded: Project, script: Callable[[Ask], Reply], outcome: str
) -> None:
    """Other words pass and are shown; what was not done, or done otherwise, is red."""
    recorded.talk(script)

    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-5.2-mini")

    assert run.outcomes == {outcome: 1}, run.report
    assert run.tool_calls == 0


def test_a_tool_miss_names_the_nearest_recorded_call(recorded: Project) -> None:
    """What was asked and what was recorded stand side by side."""
    recorded.talk(_hasty)

    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-5.2-mini")

    assert "refund(order_id=42, amount=1.0)" in run.report
    assert "refund(order_id=42, amount=19.9)" in run.report


@pytest.mark.parametrize(
    ("step", "live"),
    [(n, 3 if n < 3 else 2 if n < 8 else 1 if n < 11 else 0) for n in range(1, 12)],
)
def test_a_fork_sends_only_the_steps_from_there_on(recorded: Project, step: int, live: int) -> None:
    """At every step of a run with parallel tools: earlier LLM calls are served, tools never run."""
    run = recorded.run("--opswald-replay", "--opswald-fork-from-step", str(step))

    assert run.outcomes == {"passed": 1}, run.report
    assert (run.provider_calls, run.tool_calls) == (live, 0)


def test_a_fork_beyond_the_golden_is_refused(recorded: Project) -> None:
    """The message says how many steps there are."""
    run = recorded.run("--opswald-replay", "--opswald-fork-from-step", "12")

    assert "has 11 steps" in run.report
    assert run.provider_calls == 0


def test_a_model_map_changes_only_the_models_it_names(recorded: Project) -> None:
    """OLD=NEW leaves calls of other models to the golden."""
    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-4=gpt-5")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.provider_calls == 0


def test_an_unsupported_temperature_becomes_a_sentence(recorded: Project) -> None:
    """The provider's complaint is translated into what to leave out."""
    recorded.talk(lambda ask: Fail(400, "Unsupported parameter: 'temperature'."))

    run = recorded.run("--opswald-replay", "--opswald-model", "o9", "--opswald-temperature", "0.5")

    assert run.outcomes == {"failed": 1}
    assert "o9 does not accept temperature=0.5" in run.report


def _first_request(project: Project) -> Any:
    """As it was recorded."""
    (first, *_) = project.golden().trace.llm_calls
    assert first.http
    return first.http.request
