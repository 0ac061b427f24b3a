"""The choke point: a trace leaves the engine without secrets, or not at all."""

from __future__ import annotations

from pytest_opswald.redaction.documents import redacted
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.trace.steps import BaseStep, LlmCall, Step
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.records import read

_READ = frozenset({"input", "output", "tokens", "error"})
"""Of an LLM call with an exchange: read from it."""


def without_secrets(trace: Trace, secrets: Secrets, redactor: Redactor) -> tuple[Trace, Redactor]:
    """The trace with placeholders, and what put them there.

    A secret that was told by its place or look is then replaced wherever else it stands.
    """
    clean = cleaned(trace, redactor)
    if redactor.learned:
        secrets.learn(redactor.learned)
        redactor = redactor.wiser()
        clean = cleaned(trace, redactor)
    return clean, redactor


def cleaned(trace: Trace, redactor: Redactor, *kinds: type[Step]) -> Trace:
    """The trace with placeholders, or only its steps of these kinds; itself when none is needed."""
    looked_at = kinds or (BaseStep,)
    steps = tuple(
        _step(step, redactor) if isinstance(step, looked_at) else step for step in trace.steps
    )
    if all(new is old for new, old in zip(steps, trace.steps, strict=True)):
        return trace
    return Trace(steps=steps)


def _step(step: Step, redactor: Redactor) -> Step:
    if not isinstance(step, LlmCall) or step.http is None:
        return redacted(step, redactor)
    clean = redacted(step, redactor, without=_READ)
    if clean.http is step.http or clean.http is None:
        return clean
    reading = read(clean.http)
    said = {"input": reading.input, "output": reading.output, "error": reading.error}
    return clean.model_copy(update=said)
