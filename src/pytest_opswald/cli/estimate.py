"""What a replay will cost, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald import grading
from pytest_opswald.diff.judge import judge_of
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.pricing import cost_of
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import LlmCall
from pytest_opswald.wire.swap.target import model_of


def estimate_usd(golden: Golden, spec: ReplaySpec) -> float:
    """USD if every call that goes live takes the tokens that were recorded.

    A judge of the final message is counted as if it said little. Raises InvalidSetting for a model
    without a known price: no budget would hold for it.
    """
    return sum(_cost(call, spec) for call in _live(golden, spec)) + _graded(golden)


def _graded(golden: Golden) -> float:
    rule, trace = judge_of(golden), golden.trace
    if rule is None:
        return 0.0
    cost = grading.estimate_usd(rule, "\n\n".join(trace.questions), trace.final_message or "")
    return _known(cost, model_of(rule.model))


def _live(golden: Golden, spec: ReplaySpec) -> Iterator[LlmCall]:
    first = spec.fork_from_step or 1
    return (call for call in golden.trace.llm_calls if call.step_number >= first)


def _cost(call: LlmCall, spec: ReplaySpec) -> float:
    asked = spec.changes.model_for(call.input.model)
    if asked is None:
        model, url = call.input.model, call.http.url if call.http else None
    else:
        model, url = model_of(asked), None
    cost = cost_of(model, url, call.tokens)
    return 0.0 if call.tokens is None else _known(cost, model)


def _known(cost: float | None, model: str | None) -> float:
    if cost is None:
        raise InvalidSetting(
            f"the price of {model} is unknown, so --max-cost would not hold for it; leave "
            "--max-cost out, or ask a model with a known price"
        )
    return cost
