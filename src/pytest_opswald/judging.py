"""A replay held against its golden: the verdict that commands, tests and servers share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Difference
from pytest_opswald.diff.judge import is_gradable, judge_of
from pytest_opswald.engine.result import Finding, Replay
from pytest_opswald.grading import check_askable
from pytest_opswald.store.schemas import with_schemas
from pytest_opswald.trace.effects import said
from pytest_opswald.trace.golden import Golden, profile_of
from pytest_opswald.trace.grades import Grader, Grades
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Profile


@dataclass(frozen=True, slots=True)
class Verdict:
    """A replay, judged."""

    replay: Replay
    difference: Difference
    profile: Profile = "exact"

    @property
    def failed(self) -> bool:
        return self.difference.failed or any(finding.gates for finding in self.replay.findings)

    @property
    def reason_codes(self) -> tuple[Reason, ...]:
        """Codes of everything that gates, distinct: rows, checks, journal."""
        journal = (finding.code for finding in self.replay.findings if finding.gates)
        return tuple(dict.fromkeys((*self.difference.reason_codes, *journal)))


def judged(
    replay: Replay,
    *,
    folder: Path = Path(),
    expected_outcome: Mapping[str, Any] | None = None,
    grade: Grader | None = None,
) -> Verdict:
    """Compare a replay with its golden; `expected_outcome` wins over the golden's, key by key.

    Files that it names are seen from `folder`. Raises UnusableRule for what cannot be judged.
    Unmodified replays must be exactly equal. Under a change the outcome gates and the steps are
    shown; `grade` is asked for what an LLM says of the final message, where that is expected.
    """
    golden = expecting(replay.golden, expected_outcome)
    replay, grades = _graded(replay, golden, grade)
    spec = replay.spec
    profile = profile_of(golden, spec)
    difference = compare(
        with_schemas(golden, folder),
        replay.trace,
        profile=profile,
        allow_unused=spec.allow_unused,
        effects=said(spec.effects, replay.effects),
        grades=grades,
    )
    return Verdict(replace(replay, golden=golden), difference, profile)


def expecting(golden: Golden, outcome: Mapping[str, Any] | None) -> Golden:
    """The golden with another expected outcome, key by key. Raises InvalidOutcome."""
    if not outcome:
        return golden
    merged = {**golden.expected_outcome.model_dump(mode="json"), **outcome}
    return golden.model_copy(update={"expected_outcome": parse_outcome(merged)})


def check_judge(golden: Golden) -> None:
    """Raises UnusableRule where an LLM is to grade the final message and could not be asked."""
    if rule := judge_of(golden):
        check_askable(rule, os.environ)


def _graded(replay: Replay, golden: Golden, grade: Grader | None) -> tuple[Replay, Grades | None]:
    """The grades of a message that an LLM wrote just now, and the replay with what they cost."""
    rule = judge_of(golden)
    if not (rule and grade and replay.spec.modified and is_gradable(golden, replay.trace)):
        return replay, None
    grades = grade(rule, "\n\n".join(replay.trace.questions), replay.trace.final_message or "")
    grades = grades.redacted(replay.redactor.text)  # providers quote the keys that they refuse
    lost = f"final_message.judge gates and was not measured: {grades.problem}"
    findings = (Finding(Reason.INFRA, lost),) if grades.problem and rule.gate else ()
    counts = replace(replay.counts, graded=grades.spent)
    return replace(replay, counts=counts, findings=(*replay.findings, *findings)), grades
