"""Steps that production code tells by hand.

Like `tools`, this imports nothing but the standard library, and outside a run it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .handler import Handler, Note, active, current_tool

_UNSAID: Any = object()


def decision(
    kind: str,
    chosen: Any,
    *,
    options: Iterable[Any] = (),
    context: Any = None,
    reasoning: str | None = None,
    matched: Any = None,
    agent: str | None = None,
) -> None:
    """The agent chose.

    Args:
        kind: What was to be decided: `route`, `escalate`, ...
        options: What there was to choose from.
        context: What the choice was made on.
        matched: The rule, intent or pattern that decided it.
    """
    if handler := active():
        asked = _given(options=[*options] or None, context=context)
        made = {"decision_kind": kind, "decision": chosen}
        made |= _given(reasoning=reasoning, matched=matched)
        _tell(handler, "decision", asked, made, agent=agent)


def handoff(
    from_agent: str, to_agent: str, *, reason: str | None = None, accepted: bool | None = None
) -> None:
    """One agent passed the conversation to another."""
    if handler := active():
        asked = {"from_agent": from_agent, "to_agent": to_agent} | _given(reason=reason)
        _tell(handler, "handoff", asked, _given(accepted=accepted), agent=from_agent)


def guardrail(
    name: str,
    *,
    passed: bool,
    blocked: bool | None = None,
    content: Any = None,
    score: float | None = None,
    reason: str | None = None,
    agent: str | None = None,
) -> None:
    """A guardrail looked at something.

    Args:
        blocked: Whether it stopped the agent; if not given, whether it did not pass.
        content: What it looked at.
    """
    if handler := active():
        asked = {"guardrail": name} | _given(content=content)
        found = {"passed": passed, "blocked": not passed if blocked is None else blocked}
        found |= _given(score=score, reason=reason)
        _tell(handler, "guardrail_eval", asked, found, name=name, agent=agent)


def state(key: str, new: Any, *, old: Any = _UNSAID, agent: str | None = None) -> None:
    """Something that the agent remembers has changed."""
    if handler := active():
        asked = {"key": key} if old is _UNSAID else {"key": key, "old": old}
        _tell(handler, "state_change", asked, {"new": new}, agent=agent)


def step(name: str, *, input: Any = None, output: Any = None, agent: str | None = None) -> None:  # noqa: A002
    """Anything else that happened, under a name of your own."""
    if handler := active():
        _tell(handler, "custom", input, output, name=name, agent=agent)


def respond(response: Any) -> None:
    """What the agent answers in the end: a message, or any other value."""
    if handler := active():
        answer = {"message": response if isinstance(response, str) else None}
        if not isinstance(response, str):
            answer["structured_output"] = response
        _tell(handler, "response", {}, answer)


def _given(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


def _tell(
    handler: Handler,
    type: str,  # noqa: A002
    asked: Any,
    made: Any,
    *,
    name: str | None = None,
    agent: str | None = None,
) -> None:
    """Hand it over, encoded; whatever goes wrong is a warning, not the agent's problem."""
    from .codec import encode  # a run pays for it, production does not

    note = Note(type, encode(asked), encode(made), name, agent, parent=current_tool.get())
    try:
        handler.on_note(note)
    except Exception as problem:
        handler.warn(f"{type} {name or ''} was not recorded: {problem!r}".replace("  ", " "))
