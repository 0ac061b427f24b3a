"""What a replay came to, as data: the one truth that every renderer draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from typing import Literal

from pytest_opswald.diff.difference import Change, Check, Op
from pytest_opswald.engine.result import Counts, Finding
from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.replay_spec import Profile
from pytest_opswald.trace.steps import LlmCall, Step
from pytest_opswald.trace.trace import Trace

from .amounts import counted
from .phrases import heading, literal

Verdict = Literal["pass", "fail"]
_OPS: dict[Op, str] = {
    "changed": "changed",
    "missing": "missing",
    "extra": "added",
    "moved": "moved",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the aligned run, with what the journal knows about the same step."""

    op: Op
    golden: Step | None
    actual: Step | None
    changes: tuple[Change, ...] = ()
    """What differs, less what the replay was told to change."""
    code: Reason | None = None
    cause: Cause | None = None
    gates: bool = False
    follows: int | None = None
    """Step whose difference this one merely repeats."""
    findings: tuple[Finding, ...] = ()

    @property
    def differs(self) -> bool:
        return self.op != "equal"

    @property
    def step(self) -> Step:
        """The step to name it by: the golden's where there is one."""
        step = self.golden or self.actual
        assert step is not None
        return step

    @property
    def told(self) -> tuple[Change, ...]:
        """The changes as one tells them: an LLM's answer that differs in more ways than one whole.

        That change has the path `answer` and both `LlmOutput`s.
        """
        one, other = self.golden, self.actual
        if not (isinstance(one, LlmCall) and isinstance(other, LlmCall)):
            return self.changes
        rest = tuple(c for c in self.changes if not c.path.startswith("output."))
        if len(self.changes) - len(rest) < 2 or literal(one.output) == literal(other.output):
            return self.changes
        return (*rest, Change("answer", "changed", one.output, other.output))

    @property
    def untold(self) -> tuple[Finding, ...]:
        """The findings that say more than the changes do."""
        return tuple(f for f in self.findings if not (self.changes and f.code == self.code))

    @property
    def title(self) -> str:
        """`step 4 tool_call refund`."""
        return f"step {self.step.step_number} {heading(self.step)}"


@dataclass(frozen=True, slots=True)
class Summary:
    """One golden, replayed and judged."""

    golden: str
    test: str
    """Node id."""
    profile: Profile
    asked: str
    """What the replay changed, `model=gpt-5.2-mini, fork from step 3`; empty when nothing."""
    rows: tuple[Row, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the journal holds and no row tells."""
    notices: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    run: Trace = field(default_factory=Trace)
    against: str = "its golden"
    """What it is compared with, as a headline names it."""
    accept: str = ""
    """The command that makes this run the golden; empty when there is none."""

    @property
    def verdict(self) -> Verdict:
        failed = (
            any(row.gates for row in self.rows)
            or any(finding.gates for finding in self.findings)
            or any(check.verdict == "fail" for check in self.checks)
        )
        return "fail" if failed else "pass"

    @property
    def inexact(self) -> tuple[Finding, ...]:
        """Tool results that were not recorded so: a verdict that rests on them is tainted."""
        found = (*self.findings, *(finding for row in self.rows for finding in row.findings))
        return tuple(finding for finding in found if finding.code is Reason.CACHE_INEXACT)

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.differs)

    @property
    def first(self) -> Row | Finding | None:
        """The first divergence, in the order of the run."""
        row = self._first_row
        lone = next((finding for finding in self.findings if finding.step is not None), None)
        if row and lone and lone.step is not None and lone.step < row.step.step_number:
            return lone
        return row or next(iter(self.findings), None)

    @property
    def _first_row(self) -> Row | None:
        """Where one step stands in for another, the one that was refused says more."""
        rows = dropwhile(lambda row: not row.differs, self.rows)
        gap = list(takewhile(lambda row: row.op in {"missing", "extra"}, rows))
        refused = (row for row in gap if row.findings)
        return next(refused, next(iter(self.differing), None))

    @property
    def headline(self) -> str:
        """`1 step changed, 2 missing, 1 check failed`."""
        told = _told(self) or [f"{counted(len(self.rows), 'step')} as recorded"]
        holds = self.verdict == "pass" and self.differing
        return ", ".join(["outcome holds", *told] if holds else told)

    @property
    def reason_codes(self) -> tuple[Reason, ...]:
        """Codes of everything that gates, distinct, rows first."""
        codes: Iterable[Reason | None] = (
            *(row.code for row in self.rows if row.gates),
            *(f.code for row in self.rows for f in row.findings if f.gates),
            *(finding.code for finding in self.findings if finding.gates),
            *(check.code for check in self.checks if check.verdict == "fail"),
        )
        return tuple(dict.fromkeys(code for code in codes if code))


def words(code: Reason | Cause) -> str:
    """`CACHE_MISS` as `cache miss`."""
    if code is Reason.INFRA:
        return "provider error"
    return code.value.replace("_", " ").lower()


def _told(summary: Summary) -> list[str]:
    counts = Counter(row.op for row in summary.differing if row.follows is None)
    told = [
        f"{counted(counts[op], 'step') if not index else counts[op]} {_OPS[op]}"
        for index, op in enumerate(op for op in _OPS if counts[op])
    ]
    codes = Counter(finding.code for finding in _gating(summary))
    told += [words(code) if n == 1 else f"{n}x {words(code)}" for code, n in codes.items()]
    failed = sum(check.verdict == "fail" and check.id != "steps" for check in summary.checks)
    told += [f"{counted(failed, 'check')} failed"] if failed else []
    unmeasured = sum(check.verdict == "unmeasured" for check in summary.checks)
    told += [f"{counted(unmeasured, 'check')} unmeasured"] if unmeasured else []
    inexact = len(summary.inexact)
    return [*told, f"tainted by {counted(inexact, 'inexact result')}"] if inexact else told


def _gating(summary: Summary) -> Iterator[Finding]:
    """What gates besides checks. Where the steps are shown only, it is what makes a row red."""
    lone = (finding for finding in summary.findings if finding.gates)
    rows = summary.rows if summary.profile == "contract" else ()
    yield from (*lone, *(finding for row in rows for finding in row.findings if finding.gates))
