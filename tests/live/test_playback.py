"""Goldens replayed without the code that recorded them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_provider import Ask, Call, Provider, Reply, Say
from local_provider.support import support_agent
from pytest_opswald.errors import InvalidSetting, NotLinear, UnusableRule
from pytest_opswald.exchange import Request, Response
from pytest_opswald.playback import Fidelity, play
from pytest_opswald.store.files import load
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import ToolCall, ToolResult
from pytest_opswald.trace.trace import Trace
from tests.providers import point_at

EXAMPLES = Path(__file__).parents[2] / "examples"
OTHER = ReplaySpec(changes=Changes(model="gpt-5"))


@pytest.fixture
def refund() -> Golden:
    """lookup_order, refund, an answer: three LLM calls and two tools."""
    return load(EXAMPLES / "quickstart" / "goldens" / "test_refund.json")


def _nobody(request: Request) -> Response:
    raise AssertionError("nothing may be sent")


def test_frozen_judges_the_recorded_answers_again(refund: Golden) -> None:
    """Nothing is sent; what is expected may have become stricter."""
    same = play(refund, send=_nobody)
    stricter = play(refund, send=_nobody, expected_outcome={"final_message": {"contains": "43"}})

    assert (same.fidelity, same.verdict.failed) == ("frozen", False)
    assert stricter.verdict.failed


def test_teacher_forcing_asks_every_call_in_its_recorded_context(
    refund: Golden, provider: Provider
) -> None:
    """The new model gets what the old one got, and tools are those of the golden."""
    played = play(refund, OTHER)

    assert (played.fidelity, played.asked, played.verdict.failed) == ("teacher_forced", 3, False)
    recorded = [call.http.request for call in refund.trace.llm_calls if call.http]
    assert [ask.body for ask in provider.requests] == [r | {"model": "gpt-5"} for r in recorded]
    tools = [
        step.input.tool for step in played.verdict.replay.trace.steps if isinstance(step, ToolCall)
    ]
    assert tools == ["lookup_order", "refund"]


@pytest.mark.parametrize("fidelity", ["teacher_forced", "closed_loop"])
def test_the_same_model_is_asked_again_where_nothing_is_changed(
    fidelity: Fidelity, refund: Golden, provider: Provider
) -> None:
    """Whoever names a fidelity that asks wants to be answered."""
    played = play(refund, fidelity=fidelity)

    assert (played.asked, len(provider.requests), played.verdict.failed) == (3, 3, False)


def test_a_new_message_is_graded_by_who_sends(
    refund: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the grades cost is spent by the replay; the run is not dearer for it."""
    judge = {"rubric": "Says how much.", "model": "anthropic:claude-haiku-4-5", "samples": 2}
    wanted = {"final_message": {"judge": judge}}

    def model(ask: Ask) -> Reply:
        if "tool_choice" in ask.body:
            return Call("grade", score=0.8, reason="It does.")
        said = support_agent(ask)
        return Say("19.9 EUR are on their way.") if isinstance(said, Say) else said

    with Provider(model) as running:
        point_at(running, monkeypatch)
        plain = play(refund, OTHER)
        played = play(refund, OTHER, expected_outcome=wanted)

    (found,) = (c for c in played.verdict.difference.checks if c.id == "final_message.judge")
    graded = played.verdict.replay.counts.graded
    assert (found.verdict, found.message) == ("pass", "It does.")
    assert played.asked == plain.asked == 3
    assert graded.usd > 0
    assert played.spent.usd == pytest.approx(plain.spent.usd + graded.usd)
    assert played.spent.tokens == plain.spent.tokens + graded.tokens


def test_a_frozen_replay_cannot_change_anything(refund: Golden) -> None:
    """It asks nobody: what it is told to change would be told as tried."""
    with pytest.raises(InvalidSetting, match="asks nobody, and model=gpt-5 asks an LLM"):
        play(refund, OTHER, fidelity="frozen", send=_nobody)


def test_a_tool_that_the_new_model_does_not_ask_for_is_missed(
    refund: Golden, provider: Provider
) -> None:
    """A smaller model that promises without acting is red, at the step where it went astray."""
    played = play(refund, ReplaySpec(changes=Changes(model="gpt-5-mini")))

    assert played.verdict.failed
    assert played.own_until == 5
    assert "context its own up to step 5" in played.coverage
    assert not played.verdict.replay.findings  # nobody was there to run it for real


def test_a_fork_asks_only_from_there_on(refund: Golden, provider: Provider) -> None:
    """Steps before it are the golden's, and cost nothing."""
    played = play(refund, OTHER.model_copy(update={"fork_from_step": 5}))

    assert played.asked == len(provider.requests) == 2


@pytest.mark.parametrize("model", ["gpt-5", "anthropic:claude-sonnet-5"])
def test_a_closed_loop_grows_from_the_models_own_answers(
    refund: Golden, provider: Provider, model: str
) -> None:
    """It ends where the model ends, with tool results of the golden, whoever is asked."""
    spec = ReplaySpec(changes=Changes(model=model))

    played = play(refund, spec, fidelity="closed_loop")

    assert not played.diverged
    assert not played.verdict.failed
    assert played.verdict.replay.trace.final_message == refund.trace.final_message


def test_a_closed_loop_stops_where_the_golden_has_no_result(
    refund: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool call that was never recorded ends it, or has the rest asked as it was recorded."""

    def curious(ask: Ask) -> Reply:
        return Call("search_web", query="order 42") if not ask.results else Say("Found it.")

    with Provider(curious) as provider:
        point_at(provider, monkeypatch)
        stopped = play(refund, OTHER, fidelity="closed_loop")
        asked = len(provider.requests)
        went_on = play(refund, OTHER, fidelity="closed_loop", falls_back=True)

    assert stopped.diverged
    assert asked == stopped.asked == 1
    assert went_on.asked == 3
    assert "diverged" in stopped.coverage


def test_a_run_that_was_no_loop_is_refused(refund: Golden) -> None:
    """Guessing what the code did in between would prove nothing."""
    second = refund.trace.llm_calls[1]
    assert second.http
    other = {**second.http.request, "temperature": 0.5}
    bent = second.model_copy(update={"http": second.http.model_copy(update={"request": other})})
    steps = tuple(bent if step is second else step for step in refund.trace.steps)
    golden = refund.model_copy(update={"trace": refund.trace.model_copy(update={"steps": steps})})

    with pytest.raises(NotLinear, match="LLM call 2 changed more than the conversation"):
        play(golden, OTHER, fidelity="closed_loop", send=_nobody)


def test_a_missing_key_is_named_before_anything_is_sent(
    refund: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half-paid replay."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(InvalidSetting, match="OPENAI_API_KEY is not set"):
        play(refund, OTHER)


@pytest.mark.parametrize(
    ("spec", "fidelity"), [(OTHER, None), (ReplaySpec(), "teacher_forced")], ids=["swap", "same"]
)
def test_a_judge_without_a_key_is_named_before_anything_is_sent(
    spec: ReplaySpec, fidelity: Any, refund: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the golden or the test says that there is one, and an LLM is asked."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    wanted = {"final_message": {"judge": {"rubric": "Kind.", "model": "anthropic:claude-haiku-5"}}}

    with pytest.raises(UnusableRule, match="ANTHROPIC_API_KEY"):
        play(refund, spec, fidelity=fidelity, send=_nobody, expected_outcome=wanted)

    assert not play(refund, send=_nobody, expected_outcome=wanted).verdict.failed


def test_every_example_closes_its_loop_or_says_why_not() -> None:
    """Fed its own recorded answers, a closed loop repeats the recorded run."""
    for path in sorted(EXAMPLES.glob("*/goldens/*.json")):
        golden = load(path)
        answers = iter([call.http for call in golden.trace.llm_calls if call.http])

        def recorded(request: Request, answers: Any = answers) -> Any:
            from pytest_opswald.wire.records import to_response

            return to_response(next(answers))

        played = play(golden, ReplaySpec(fork_from_step=1), fidelity="closed_loop", send=recorded)

        differing = [
            change.path
            for pair in played.verdict.difference.changed
            for change in pair.changes
            if not change.path.startswith("request.")  # clients echo answers in their own shape
        ]
        assert differing == [], path
        assert len(played.verdict.replay.trace.steps) == len(golden.trace.steps)


@pytest.mark.parametrize("fidelity", ["frozen", "teacher_forced", "closed_loop"])
def test_tools_of_servers_are_known_by_longer_names(
    refund: Golden, provider: Provider, fidelity: Fidelity
) -> None:
    """What the LLM asks for as `lookup_order` is the tool `order` of an MCP server `lookup`."""
    golden = _with_server(refund, "lookup_order", "order")
    spec = ReplaySpec() if fidelity == "frozen" else OTHER

    played = play(golden, spec, fidelity=fidelity)

    assert not played.verdict.failed
    assert played.verdict.replay.findings == ()
    assert played.verdict.replay.trace.tools == ("order", "refund")


def _with_server(golden: Golden, function: str, tool: str) -> Golden:
    """The golden of an agent that has this tool from a server."""
    steps = tuple(
        step.model_copy(
            update={
                "input": step.input.model_copy(update={"tool": tool}),
                **({"remote": True} if isinstance(step, ToolCall) else {}),
            }
        )
        if isinstance(step, ToolCall | ToolResult) and step.input.tool == function
        else step
        for step in golden.trace.steps
    )
    return golden.model_copy(update={"trace": Trace(steps=steps)})
