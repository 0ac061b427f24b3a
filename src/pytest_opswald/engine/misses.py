"""What to say when a golden holds no answer: what was asked, what comes nearest, what to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_opswald.engine.accepted import AcceptedRuns
from pytest_opswald.engine.cache import RecordedCall, ToolCache
from pytest_opswald.engine.matching import Asked
from pytest_opswald.engine.result import Finding
from pytest_opswald.engine.scope import is_llm
from pytest_opswald.exchange import Response
from pytest_opswald.trace.effects import Effect
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import MissPolicy
from pytest_opswald.trace.steps import ToolInput
from pytest_opswald.trace.volatile import normalise

WIDTH = 72
"""Characters of a value that a message shows."""


def unanswered(golden: Golden, exchanges: AcceptedRuns, asked: Asked, ordinal: int) -> Finding:
    """A request that nothing in the golden resembles."""
    what = "LLM call" if is_llm(asked.method, asked.path) else "request"
    nearest = exchanges.nearest(asked)
    lines = [f"asked     {_request(asked)}"]
    for step, recorded, used in nearest:
        why = "answered already" if used else _difference(recorded, asked)
        lines.append(f"recorded  step {step.step_number} · {_request(recorded)} · {why}")
    if not nearest:
        lines.append(f"recorded  no {what} at all")
    return Finding(
        code=Reason.REQUEST_DRIFT,
        message=f"no recorded answer for {what} {ordinal} of {golden.name}",
        detail=(*lines, record_again(golden)),
    )


def uncached(
    golden: Golden, tools: ToolCache, asked: ToolInput, policy: MissPolicy, effect: Effect
) -> Finding:
    """A tool call whose result the golden does not hold."""
    lines = [f"asked     {call_text(asked.tool, asked.arguments)}"]
    nearest = tools.nearest(asked)
    lines += [f"recorded  {_recorded_call(*one)}" for one in nearest]
    if not nearest:
        lines.append("recorded  no declared tool call at all")
    elif policy == "fail" and tools.structural(asked):
        lines.append(
            f"only free text differs: allow it with --opswald-on-miss={asked.tool}=structural"
        )
    if (policy, effect) in _UNFIT:
        lines.append(_UNFIT[policy, effect].format(tool=asked.tool))
    return Finding(
        code=Reason.CACHE_MISS,
        message=f"no recorded result for {asked.tool} in {golden.name}",
        detail=(*lines, record_again(golden)),
    )


_NOT_RUN = "{tool} is not run for real: its effect is not known to be read"
_UNFIT: Mapping[tuple[MissPolicy, Effect], str] = {
    ("live", "write"): _NOT_RUN,
    ("live", "idempotent_write"): _NOT_RUN,
    ("live", "unknown"): _NOT_RUN,
    ("stub", "read"): "{tool} only reads: there is nothing to acknowledge",
}
"""Policies that do not go with what a tool does."""


def refusal(finding: Finding) -> Response:
    """The finding as a provider's error: SDKs raise it at once and never try again.

    An exception from below an SDK would be retried as a connection error, and one that is no
    Exception would tear down event loops.
    """
    message = "\n".join((f"opswald: {finding.message}", *finding.detail))
    error = {"type": "opswald_no_recorded_answer", "message": message, "code": None, "param": None}
    body = json.dumps({"type": "error", "error": error}, ensure_ascii=False).encode()
    headers = (("content-type", "application/json"), ("x-should-retry", "false"))
    return Response(400, headers, (body,))


def record_again(golden: Golden) -> str:
    return f"record it again:  pytest {shlex.quote(golden.test)} --opswald-record=all"


def call_text(tool: str, arguments: dict[str, Any]) -> str:
    """`refund(order_id=42, amount=19.9)`"""
    return f"{tool}({', '.join(f'{key}={short(value)}' for key, value in arguments.items())})"


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _recorded_call(recorded: RecordedCall, given: bool) -> str:
    call = recorded.call
    said = call_text(call.input.tool, call.input.arguments)
    return f"step {call.step_number} · {said}{' · served already' if given else ''}"


def _request(asked: Asked) -> str:
    model = asked.body.get("model") if isinstance(asked.body, dict) else None
    return f"{model or asked.method} · {asked.path}"


def _difference(recorded: Asked, asked: Asked) -> str:
    if recorded.path != asked.path:
        return "another path"
    first = next(_leaves_apart(normalise(recorded.body), normalise(asked.body), ""), None)
    if first is None:
        return "equal"
    path, theirs, ours = first
    theirs, ours = _changed_span(theirs, ours)
    return f"{path} {short(theirs)} became {short(ours)}"


def _changed_span(one: Any, other: Any) -> tuple[Any, Any]:
    """Two texts without what they share at both ends, but for a little context."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return one, other
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, start - 20)
    return (f"…{one[start:]}", f"…{other[start:]}") if start else (one, other)


def _leaves_apart(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Leaves that differ, in document order, with their dotted path."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _leaves_apart(one.get(key), other.get(key), inner)
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            yield from _leaves_apart(_at(one, place), _at(other, place), f"{path}[{place}]")
    elif one != other:
        yield path, one, other


def _at(items: Sequence[Any], place: int) -> Any:
    return items[place] if place < len(items) else None
