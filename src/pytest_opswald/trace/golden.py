"""A golden: a trace that was accepted, and what must hold when it is replayed."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .document import Document
from .outcome import ExpectedOutcome, parse_outcome
from .replay_spec import Profile, ReplaySpec
from .trace import Trace

SCHEMA = 1
"""Version of the golden file; readers refuse a later one."""
RULES = 1
"""Version of the rules that say what a secret is; goldens that hold placeholders name it."""


class Redaction(Document):
    """How a golden was kept free of secrets."""

    rules: int = RULES
    """Version of the rules that were in force."""
    disabled: tuple[str, ...] = ()
    """Ids of the rules that were not."""
    count: int = 0
    """Distinct secrets that were replaced."""


class Golden(Document):
    """One recorded run of one test."""

    name: str
    """File name without `.json`."""
    test: str
    """Node id of the test that recorded it."""
    tags: tuple[str, ...] = ()
    expected_outcome: ExpectedOutcome = Field(default_factory=ExpectedOutcome)
    redaction: Redaction = Redaction()
    effects: dict[str, str] = Field(default_factory=dict)
    """What each tool does, by name: read, write, idempotent_write or unknown; behind it
    ` (guessed)`, or ` (mcp)` when a server says so, until somebody has looked."""
    trace: Trace = Trace()
    variants: tuple[Trace, ...] = ()
    """Further runs that were accepted, each in a file of its own beside this one."""


def profile_of(golden: Golden, spec: ReplaySpec) -> Profile:
    """How strictly a replay is judged: as it asks itself, else as the golden does."""
    asked = golden.expected_outcome.profile
    if spec.judge == "auto" and asked is not None and asked != "auto":
        return asked
    return spec.profile


def suggested_outcome(trace: Trace) -> ExpectedOutcome:
    """What a recording expects of later runs until someone edits it: how this one ended."""
    said: dict[str, Any] = {"status": trace.status, "final_message": trace.final_message}
    if trace.structured_output is not None:
        said["output"] = trace.structured_output
    return parse_outcome({key: value for key, value in said.items() if value is not None})
