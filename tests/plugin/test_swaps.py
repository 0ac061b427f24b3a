"""Replays with a model of another provider, through the real SDKs of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anthropic
import openai
import pytest

import pytest_opswald as opswald
from local_provider import Ask, Call, Fail, Provider, Reply, Say, Script, Think
from pytest_opswald import ReplaySpec, record, replay
from pytest_opswald.runs import Replayed
from pytest_opswald.trace.replay_spec import Changes
from tests.providers import point_at
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
SWAPS = [
    (source, target, style)
    for source in PATHS
    for target in TARGETS
    for style in (STYLES if source != target else ("async_stream",))
]


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


@contextmanager
def answering(script: Script) -> Iterator[Provider]:
    """A provider that speaks all three formats at one address, for whoever asks."""
    with Provider(script) as provider, pytest.MonkeyPatch.context() as patch:
        point_at(provider, patch)
        yield provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Asks for two cities at once, then answers."""
    ran.clear()
    with answering(weather_model) as provider:
        yield provider


def swap(source: str, style: str, model: str, path: Path) -> tuple[str, Replayed]:
    """What the agent answers, and the replay."""
    with record(path):
        run(source, style, weather)
    with replay(path, spec=ReplaySpec(changes=Changes(model=model))) as replayed:
        said = run(source, style, weather)
    return said, replayed


@pytest.mark.parametrize(("source", "target", "style"), SWAPS)
def test_the_agent_finishes(
    provider: Provider, tmp_path: Path, source: str, target: str, style: str
) -> None:
    """Two tools in parallel and an answer, from every SDK to every API; tools are not run."""
    said, replayed = swap(source, style, TARGETS[target], tmp_path / "golden.json")

    assert said == "Porto: rain; Lisbon: sun."
    assert ran == ["Porto", "Lisbon"]
    assert {ask.path for ask in provider.requests[2:]} == {PATHS[target]}
    assert not replayed.verdict.failed, replayed.verdict


def one_city_at_a_time(ask: Ask) -> Reply:
    """Asks for the next city, then answers."""
    cities = ("Porto", "Lisbon")[len(ask.results) :]
    return Call("weather", city=cities[0]) if cities else weather_model(ask)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("target", TARGETS)
def test_an_agent_that_offers_functions_finishes(tmp_path: Path, target: str, style: str) -> None:
    """The deprecated `functions` and `function_call`: calls come in turn, whoever is asked."""
    ran.clear()
    with answering(one_city_at_a_time) as provider:
        said, replayed = swap("functions", style, TARGETS[target], tmp_path / "golden.json")

    assert said == "Porto: rain; Lisbon: sun."
    assert ran == ["Porto", "Lisbon"]
    assert [ask.path for ask in provider.requests[3:]] == [PATHS[target]] * 3
    assert not replayed.verdict.failed, replayed.verdict


@pytest.mark.parametrize(("source", "target"), [("chat", "messages"), ("messages", "responses")])
def test_the_trace_is_told_in_the_agents_format(
    provider: Provider, tmp_path: Path, source: str, target: str
) -> None:
    """Same steps, same tools; model, tokens and finish reason are those of the target."""
    _, replayed = swap(source, "stream", TARGETS[target], tmp_path / "golden.json")

    golden, run_ = replayed.verdict.replay.golden.trace, replayed.verdict.replay.trace
    assert [step.type for step in run_.steps] == [step.type for step in golden.steps]
    for was, now in zip(golden.llm_calls, run_.llm_calls, strict=True):
        assert now.http
        assert was.http
        assert now.http.format == was.http.format
        assert now.output.model == now.input.model == TARGETS[target].partition(":")[2]
        assert now.output.finish_reason == was.output.finish_reason
        assert now.tokens
        assert now.tokens.output > 0


FAILURES = {
    401: ("AuthenticationError", 1),
    400: ("BadRequestError", 1),
    429: ("RateLimitError", 2),
    500: ("InternalServerError", 2),
}


@pytest.mark.parametrize("status", FAILURES)
@pytest.mark.parametrize(
    ("source", "target", "style"),
    [("chat", "messages", "sync"), ("messages", "chat", "async_stream")],
)
def test_an_error_of_the_target_is_the_sdks_own(
    provider: Provider, tmp_path: Path, source: str, target: str, status: int, style: str
) -> None:
    """Class, status and sentence fit, and the SDK tries again as it would with its provider."""
    path = tmp_path / "golden.json"
    with record(path):
        run(source, style, weather)
    kind, tries = FAILURES[status]
    sdk = openai if source == "chat" else anthropic
    spec = ReplaySpec(changes=Changes(model=TARGETS[target]))

    with (
        answering(lambda ask: Fail(status, "Not now.", retry_after=0.01)) as failing,
        replay(path, spec=spec),
        pytest.raises(getattr(sdk, kind), match="Not now") as raised,
    ):
        run(source, style, weather)

    assert raised.value.status_code == status
    assert [ask.path for ask in failing.requests] == [PATHS[target]] * tries


def test_a_failed_try_belongs_to_its_call(provider: Provider, tmp_path: Path) -> None:
    """After a 529 the SDK asks again: one step, one attempt that failed."""
    path = tmp_path / "golden.json"
    with record(path):
        run("chat", "sync", weather)
    tried: list[str] = []

    def busy_at_first(ask: Ask) -> Reply:
        tried.append(ask.path)
        return Fail(529, "Overloaded") if len(tried) == 1 else weather_model(ask)

    spec = ReplaySpec(changes=Changes(model=TARGETS["messages"]))
    with answering(busy_at_first), replay(path, spec=spec) as replayed:
        run("chat", "sync", weather)

    first, _ = replayed.verdict.replay.trace.llm_calls
    assert first.http
    assert [attempt.status for attempt in first.http.attempts] == [529]
    assert not replayed.verdict.failed


@pytest.mark.parametrize("style", ["sync", "async_stream"])
def test_a_fork_continues_at_another_provider(
    provider: Provider, tmp_path: Path, style: str
) -> None:
    """The first call is served from the golden, with its ids; the second goes elsewhere."""
    path = tmp_path / "golden.json"
    with record(path):
        run("chat", style, weather)
    spec = ReplaySpec(changes=Changes(model=TARGETS["messages"]), fork_from_step=4)

    with replay(path, spec=spec) as replayed:
        said = run("chat", style, weather)

    assert said == "Porto: rain; Lisbon: sun."
    assert [ask.path for ask in provider.requests[2:]] == [PATHS["messages"]]
    assert not replayed.verdict.failed
