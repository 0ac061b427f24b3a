"""Replays with a model of another provider, through the real SDKs of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_opswald as opswald
from local_provider import Ask, Call, Provider, Reply, Say, Think
from pytest_opswald import ReplaySpec, record, replay
from pytest_opswald.runs import Replayed
from pytest_opswald.trace.replay_spec import Changes
from tests.scenarios.tool_loops import STYLES, run

PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
}
TARGETS = {
    "chat": "openai-chat:gpt-6",
    "responses": "openai-responses:gpt-6",
    "messages": "anthropic:claude-opus-6",
}
SWAPS = [(source, target) for source in PATHS for target in TARGETS]


def weather_model(ask: Ask) -> Reply:
    """Asks for two cities at once, then answers."""
    if not ask.results:
        return [
            Think("Two cities."),
            Say("Let me look."),
            Call("weather", city="Porto"),
            Call("weather", city="Lisbon"),
        ]
    return Say(f"Porto: {ask.results[0]}; Lisbon: {ask.results[1]}.")


ran: list[str] = []


@opswald.tool
def weather(city: str) -> str:
    ran.append(city)
    return {"Porto": "rain", "Lisbon": "sun"}[city]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Speaks all three formats at one address."""
    ran.clear()
    with Provider(weather_model) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-anthropic")
        yield provider


def swap(source: str, style: str, model: str, path: Path) -> tuple[str, Replayed]:
    """What the agent answers, and the replay."""
    with record(path):
        run(source, style, weather)
    with replay(path, spec=ReplaySpec(changes=Changes(model=model))) as replayed:
        said = run(source, style, weather)
    return said, replayed


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("source", "target"), SWAPS)
def test_the_agent_finishes(
    provider: Provider, tmp_path: Path, source: str, target: str, style: str
) -> None:
    """Two tools in parallel and an answer, from every SDK to every API; tools are not run."""
    said, replayed = swap(source, style, TARGETS[target], tmp_path / "golden.json")

    assert said == "Porto: rain; Lisbon: sun."
    assert ran == ["Porto", "Lisbon"]
    assert {ask.path for ask in provider.requests[2:]} == {PATHS[target]}
    assert not replayed.verdict.failed, replayed.verdict
