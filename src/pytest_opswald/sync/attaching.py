"""Replays that a server wants made where the agent's code is."""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import to_jsonable_python

from pytest_opswald import runs
from pytest_opswald.api.replays import Modifications, Replay
from pytest_opswald.capture.notes import respond
from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import InvalidSetting, OpswaldError
from pytest_opswald.interop.modifications import changes_of
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.judging import Verdict, judged
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.trace.golden import Golden, suggested_outcome
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import UserInput
from pytest_opswald.trace.trace import Trace

from .claims import delivered, renewing
from .outcomes import changes_from_original, outcome_changes

Agent = Callable[[str], Any]
"""Takes what the user said; a coroutine function is fine."""
_WAIT_SECONDS = 5


def agent_at(name: str) -> Agent:
    """The function at `module:name`. Raises InvalidSetting."""
    module, _, function = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as problem:
        raise InvalidSetting(f"{name} is no module:function here: {problem}") from None
    if not callable(found):
        raise InvalidSetting(f"{name} is no function")
    agent: Agent = found
    return agent


def attach_once(client: OpsClient, agent: Agent, *, rules: Rules | None = None) -> Replay | None:
    """Wait a little for a replay and make it; as the server then shows it, None without one.

    What the server is told holds no secret; `rules` say what is one.
    """
    claim = client.runner.claim(wait=_WAIT_SECONDS)
    if claim.replay is None:
        return None
    started = time.monotonic()
    with renewing(client, claim):
        try:
            told = _made(client, claim.replay, agent, rules)
        except OpswaldError as problem:
            secrets = Secrets(rules, lambda: dict(os.environ))
            told = _clean(_failed("replay_error", str(problem)), secrets)
    took = round((time.monotonic() - started) * 1000)
    return delivered(client, claim, told | {"duration_ms": took})


def _made(client: OpsClient, claimed: Replay, agent: Agent, rules: Rules | None) -> dict[str, Any]:
    pairs = client.replays.steps(claimed.replay_id).steps
    trace = from_api(tuple(pair.recorded for pair in pairs if pair.recorded))
    name = claimed.trace_id
    golden = Golden(name=name, test=name, expected_outcome=suggested_outcome(trace), trace=trace)
    engine = runs.replayer(golden, _spec(claimed), rules=rules)
    # The server stays within reach: it is told that this runner is alive.
    there = (urlsplit(client.base_url).hostname or "",)
    offline = not engine.spec.modified
    run = runs.Run(engine, test=name, offline=offline, allow_hosts=there)
    run.start()
    try:
        problem = _run(agent, trace)
    finally:
        run.stop()
    verdict = judged(engine.finish())
    told = _told(verdict) | ({"status": "failed", "error": problem} if problem else {})
    return _clean(told, engine.secrets)


def _spec(claimed: Replay) -> ReplaySpec:
    changes = changes_of(Modifications.model_validate(claimed.modifications))
    # A fork alone changes nothing: everything comes from the recording.
    return ReplaySpec(changes=changes, fork_from_step=claimed.fork_from_step if changes else None)


def _run(agent: Agent, trace: Trace) -> Mapping[str, Any] | None:
    """Why the agent failed; None when it did not."""
    asked = next((step.message for step in trace.steps if isinstance(step, UserInput)), "")
    try:
        answer = agent(asked)
        if inspect.iscoroutine(answer):
            answer = asyncio.run(answer)
    except Exception as problem:  # the agent's own, which are what the replay came to
        return {"type": type(problem).__name__, "message": str(problem)}
    if answer is not None:
        respond(answer)
    return None


def _told(verdict: Verdict) -> dict[str, Any]:
    replay, difference = verdict.replay, verdict.difference
    first = difference.first
    step = first and (first.golden or first.actual)
    calls = replay.counts.llm_live
    told = {
        "status": "completed",
        "final_output": replay.trace.final_message,
        "total_cost": max(0.0, replay.trace.total_cost),
        "changes_from_original": changes_from_original(difference.pairs),
        "coverage": f"{calls} of {calls + replay.counts.llm_served} LLM calls live",
        "first_divergence": step.step_number if step else None,
        "outcome_diff": outcome_changes(difference.checks),
    }
    plain: dict[str, Any] = to_jsonable_python(told, fallback=repr)
    return plain


def _clean(told: dict[str, Any], secrets: Secrets) -> dict[str, Any]:
    """With placeholders, as goldens have them: the agent's own words have gone past the engine."""
    secrets.look_around()
    clean: dict[str, Any] = secrets.fresh().value(told)
    return clean


def _failed(kind: str, message: str) -> dict[str, Any]:
    return {"status": "failed", "error": {"type": kind, "message": message}}
