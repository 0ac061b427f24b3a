"""Another provider, and sampling, from the command line."""

from __future__ import annotations

import pytest

from tests.language import Project


def test_another_provider_needs_only_its_own_key(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's key may be missing; the report names the model that answered."""
    monkeypatch.delenv("OPENAI_API_KEY")

    run = recorded.run("--opswald-replay", "--opswald-model", "anthropic:claude-opus-6", "-v")

    assert run.outcomes == {"passed": 1}, run.report
    assert (run.provider_calls, run.tool_calls) == (3, 0)
    assert {ask.path for ask in recorded.provider.requests} == {"/v1/messages"}
    assert "claude-opus-6" in run.report


def test_a_missing_key_is_told_before_anything_is_sent(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the agent's own is there."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    run = recorded.run("--opswald-replay", "--opswald-model", "anthropic:claude-opus-6")

    assert run.outcomes == {"failed": 1}
    assert "anthropic:claude-opus-6 needs ANTHROPIC_API_KEY, which is not set" in run.report
    assert run.provider_calls == 0


def test_sampling_is_changed_and_nothing_else(
    recorded: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line and from the environment."""
    monkeypatch.setenv("OPSWALD_SEED", "0")
    (first, *_) = recorded.golden().trace.llm_calls
    assert first.http

    recorded.run("--opswald-replay", "--opswald-max-tokens", "500", "--opswald-top-p", "0.5")

    asked = recorded.provider.requests[0].body
    assert asked == {**first.http.request, "max_completion_tokens": 500, "top_p": 0.5, "seed": 0}


def test_a_change_that_fits_no_call_is_red(recorded: Project) -> None:
    """A misspelt OLD leaves every replay as it was: green tests would prove nothing."""
    run = recorded.run("--opswald-replay", "--opswald-model", "gpt-5.1=gpt-5-mini")

    assert (run.outcomes, run.result.ret) == ({"passed": 1}, 1)
    assert "model gpt-5.1=gpt-5-mini changed no LLM call of 1 golden, which asks gpt-5.2" in (
        run.report
    )


def test_what_is_left_out_stands_in_the_report(recorded: Project) -> None:
    """A swap that leaves something out says what."""
    recorded.edit("agent.py", "tools=SCHEMAS)", "tools=SCHEMAS, user='ada')")
    recorded.run("--opswald-record=all")

    run = recorded.run("--opswald-replay", "--opswald-model", "anthropic:claude-opus-6")

    assert run.outcomes == {"passed": 1}, run.report
    assert "anthropic:claude-opus-6 was asked without user: not known there" in run.report
