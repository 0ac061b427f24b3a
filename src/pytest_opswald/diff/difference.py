"""What a comparison found, as data; `report` draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pytest_opswald.trace.reasons import Cause, Reason
from pytest_opswald.trace.steps import Step

Op = Literal["equal", "changed", "missing", "extra", "moved"]
ChangeKind = Literal["changed", "added", "removed", "type_changed"]
CheckVerdict = Literal["pass", "fail", "unmeasured", "advisory"]


@dataclass(frozen=True, slots=True)
class Change:
    """One leaf that differs between two aligned steps."""

    path: str
    """Dotted, with list indexes in brackets: `input.arguments.amount`, `request.messages[0].content`."""
    kind: ChangeKind
    expected: Any = None
    actual: Any = None


@dataclass(frozen=True, slots=True)
class StepPair:
    """One row of the aligned run."""

    op: Op
    golden: Step | None
    """None when the step is extra."""
    actual: Step | None
    """None when the step is missing."""
    changes: tuple[Change, ...] = ()
    code: Reason | None = None
    cause: Cause | None = None
    gates: bool = False
    """Whether this row alone makes the verdict red."""
    follows: int | None = None
    """Number of the earlier step whose difference this row merely repeats, as its row is named:
    the golden's, or the run's when the golden has none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of the outcome, judged."""

    id: str
    """Where it stands in `expected_outcome`: `final_message.contains`, `budgets.tokens`, `steps`."""
    verdict: CheckVerdict
    expected: Any = None
    actual: Any = None
    code: Reason | None = None
    message: str = ""
    """One sentence, when the values alone do not say it."""
    is_opinion: bool = False
    """Whether `message` is to be told of a pass, too: the values rest on what somebody thinks."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A golden against a run: every row, every check."""

    pairs: tuple[StepPair, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def changed(self) -> tuple[StepPair, ...]:
        return tuple(pair for pair in self.pairs if pair.op != "equal")

    @property
    def first(self) -> StepPair | None:
        """The first divergence, in the order of the aligned run."""
        return next(iter(self.changed), None)

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict == "fail")

    @property
    def failed(self) -> bool:
        return bool(self.failed_checks) or any(pair.gates for pair in self.pairs)

    @property
    def reason_codes(self) -> tuple[Reason, ...]:
        """Codes of everything that gates, distinct, rows first."""
        codes: Iterable[Reason | None] = (
            *(pair.code for pair in self.pairs if pair.gates),
            *(check.code for check in self.failed_checks),
        )
        return tuple(dict.fromkeys(code for code in codes if code))
