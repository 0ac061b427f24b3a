"""Blocks recorded and replayed without pytest: what is asked when they are over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_provider import Ask, Call, Fail, Provider, Reply, Say
from pytest_opswald.errors import UnusableRule
from pytest_opswald.runs import Replayed, record, replay
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from tests.providers import point_at

SWAPPED = ReplaySpec(changes=Changes(model="gpt-5.2-mini"))
LONG = "Order 42 is refunded. " * 5_000
"""About 100 kB."""


def _model(ask: Ask) -> Reply:
    if "tool_choice" in ask.body:
        return Call("grade", score=0.9, reason="It says so.")
    return Say(LONG) if ask.model == "gpt-5.2-mini" else Say("Done.")


def _down(ask: Ask) -> Reply:
    return Fail(400, "no such tool")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider(_model) as running:
        point_at(running, monkeypatch)
        yield running


def _agent(provider: Provider) -> None:
    """Has its answer streamed; an error is its caller's."""
    asked = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Refund order 42."}]}
    url = f"{provider.url}/v1/chat/completions"
    key = {"authorization": "Bearer key"}
    with httpx.stream("POST", url, json={**asked, "stream": True}, headers=key) as answer:
        answer.read()
        answer.raise_for_status()


def _fails_afterwards(provider: Provider) -> None:
    _agent(provider)
    raise LookupError


def _golden(path: Path, **judge: Any) -> Path:
    """That of a run whose final message is to be graded."""
    golden = json.loads(path.read_text())
    rule = {"rubric": 'Says "refunded" {now}.', "model": "openai:gpt-5.2", "samples": 1, **judge}
    golden["expected_outcome"]["final_message"] = {"judge": rule}
    path.write_text(json.dumps(golden))
    return path


@pytest.fixture
def golden(provider: Provider, tmp_path: Path) -> Path:
    with record(tmp_path / "refund.json"):
        _agent(provider)
    return _golden(tmp_path / "refund.json")


def _grade(replayed: Replayed) -> tuple[str, str]:
    checks = replayed.verdict.difference.checks
    (check,) = (check for check in checks if check.id == "final_message.judge")
    return check.verdict, check.message


def _graded(provider: Provider) -> list[str]:
    return [ask.prompt for ask in provider.requests if "tool_choice" in ask.body]


def test_a_streamed_message_is_graded_whole(golden: Path, provider: Provider) -> None:
    """However long it is."""
    with replay(golden, spec=SWAPPED) as replayed:
        _agent(provider)

    (told,) = _graded(provider)
    assert LONG in told
    assert _grade(replayed) == ("pass", "It says so.")


def test_a_block_that_raised_is_not_graded(golden: Path, provider: Provider) -> None:
    """It has failed already; the verdict on its steps is there all the same."""
    with pytest.raises(LookupError), replay(golden, spec=SWAPPED) as replayed:
        _fails_afterwards(provider)

    assert _graded(provider) == []
    assert _grade(replayed)[0] == "unmeasured"


def test_a_judge_who_cannot_be_asked_is_told_before_the_block_runs(
    golden: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is needed where nothing is changed."""
    _golden(golden, model="anthropic:claude-haiku-5")
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    with pytest.raises(UnusableRule, match="ANTHROPIC_API_KEY"), replay(golden, spec=SWAPPED):
        pytest.fail("it ran")
    with replay(golden) as replayed:
        _agent(provider)

    assert not replayed.verdict.failed


def test_a_message_where_the_golden_has_an_error_is_graded(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an error where it has one as well is no message to grade."""
    path = tmp_path / "refund.json"
    with Provider(_down) as down:
        with record(path), pytest.raises(httpx.HTTPStatusError):
            _agent(down)
        _golden(path)
        point_at(provider, monkeypatch)
        with replay(path, spec=SWAPPED) as failing, pytest.raises(httpx.HTTPStatusError):
            _agent(down)

    with replay(path, spec=SWAPPED) as mended:
        _agent(provider)

    assert _grade(failing) == ("advisory", "there is no final message")
    assert _grade(mended) == ("pass", "It says so.")
    assert len(_graded(provider)) == 1
