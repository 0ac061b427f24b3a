"""What a recording or a replay ended with, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Spent
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import Tokens
from pytest_opswald.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the journal holds against a run, whatever the agent did about it."""

    code: Reason
    message: str
    """One line."""
    detail: tuple[str, ...] = ()
    """Further lines: what was recorded, what was asked, the nearest steps."""
    step: int | None = None
    """Step number in the golden, or of the run when the golden has none."""
    gates: bool = True


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording."""

    trace: Trace
    notices: tuple[str, ...] = ()
    """What the user should read: undeclared tools, unrestorable results, unread paths."""
    redactor: Redactor = field(default_factory=lambda: Redactor(Detector()))
    """What put placeholders for secrets into the trace."""
    effects: Mapping[str, str] = field(default_factory=dict)
    """What the tools' declarations and servers say that they do, by name."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the answers came from."""

    llm_served: int = 0
    llm_live: int = 0
    tokens_saved: Tokens = field(default_factory=Tokens)
    """Tokens of the LLM calls that were served."""
    usd_saved: float = 0.0
    unpriced_saved: int = 0
    """LLM calls that were served and whose price is not known."""
    graded: Spent = field(default_factory=Spent)
    """What it took to have the final message graded, on top of the run."""

    def spent(self, run: Trace) -> Spent:
        """What the run took for real: its LLM calls that went live, and grades."""
        if not self.llm_live:
            return self.graded
        took, saved = run.total_tokens, self.tokens_saved
        live = Spent(
            max(0, took.input + took.output - saved.input - saved.output),
            round(max(0.0, run.total_cost - self.usd_saved), 10),
            max(0, run.unpriced - self.unpriced_saved),
        )
        return live + self.graded


@dataclass(frozen=True, slots=True)
class Replay:
    """A finished replay of one golden."""

    golden: Golden
    spec: ReplaySpec
    trace: Trace
    """What the run did this time."""
    findings: tuple[Finding, ...] = ()
    counts: Counts = field(default_factory=Counts)
    notices: tuple[str, ...] = ()
    effects: Mapping[str, str] = field(default_factory=dict)
    """What the tools' declarations and servers say that they do, by name."""
    redactor: Redactor = field(default_factory=lambda: Redactor(Detector()))
    """What put placeholders for secrets into the trace."""
