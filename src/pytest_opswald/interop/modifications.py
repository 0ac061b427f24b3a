"""What a replay changes, from the words of the API to those of the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_opswald.api.replays import Modifications
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import LlmCall
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.swap.target import Target

_PROVIDERS = {"anthropic": re.compile(r"claude"), "openai": re.compile(r"gpt-|chatgpt-|o\d")}
"""Whose models have such names."""


def spec_of(modifications: Modifications, trace: Trace, fork: int | None) -> ReplaySpec:
    """How the engine replays it live.

    A model that the recorded provider does not have is asked of its own.
    """
    changes = changes_of(modifications)
    asked = {call.input.model or "": name for call, name in asked_models(changes, trace, fork)}
    other = {old: name for old, name in asked.items() if name != (changes.model_for(old) or old)}
    return ReplaySpec(
        changes=changes.model_copy(update={"model_map": {**changes.model_map, **other}}),
        fork_from_step=fork,
    )


def changes_of(modifications: Modifications) -> Changes:
    """As they were asked for."""
    model = modifications.model
    return Changes(
        model=model if isinstance(model, str) else None,
        model_map=model if isinstance(model, dict) else {},
        temperature=modifications.temperature,
        max_tokens=modifications.max_tokens,
        top_p=modifications.top_p,
        seed=modifications.seed,
        system_prompt=modifications.system_prompt or modifications.prompt,
    )


def asked_models(changes: Changes, trace: Trace, fork: int | None) -> Iterator[tuple[LlmCall, str]]:
    """Each call that may be made for real, and the model it asks, by its provider if need be."""
    for call in trace.llm_calls:
        if call.step_number >= (fork or 1) and call.http is not None:
            old = call.input.model or ""
            yield call, _with_provider(changes.model_for(old) or old, call.http.format)


def _with_provider(model: str, spoken: str) -> str:
    for provider, names in _PROVIDERS.items():
        if names.match(model):
            target = Target.of(f"{provider}:{model}", spoken)
            return model if target is None or target.format == spoken else target.name
    return model
