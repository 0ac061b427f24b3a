"""Whether an LLM finds the final message good enough; what it said is handed in."""

from __future__ import annotations

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grades
from pytest_opswald.trace.message_rule import Judge, MessageRule
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .difference import Check, CheckVerdict
from .wording import folded

_ID = "final_message.judge"


def judge_of(golden: Golden) -> Judge | None:
    """The rule by which final messages of this golden are graded."""
    rule = golden.expected_outcome.final_message
    return rule.judge if isinstance(rule, MessageRule) else None


def is_gradable(golden: Golden, run: Trace) -> bool:
    """Whether there is something to grade: a message that nobody has accepted yet."""
    said = folded(run.final_message or "")
    accepted = (golden.trace, *golden.variants)
    return bool(said) and all(folded(trace.final_message or "") != said for trace in accepted)


def judge_check(
    rule: Judge, recorded: str | None, actual: str | None, grades: Grades | None
) -> Check:
    """The median of the samples against what is enough."""
    if not folded(actual or ""):
        return _held(rule, False, None, "there is no final message")
    if grades is None:
        is_known = folded(recorded or "") == folded(actual or "")
        told = (
            "the golden's own message"
            if is_known
            else "only new messages of changed replays are graded, and where the test passes"
        )
        return Check(_ID, "unmeasured", rule.min, message=f"no LLM was asked: {told}")
    if grades.problem:
        code = Reason.INFRA if rule.gate else None
        return Check(_ID, "unmeasured", rule.min, None, code, f"not graded: {grades.problem}")
    return _held(rule, grades.score >= rule.min, grades.score, grades.reason)


def _held(rule: Judge, held: bool, score: float | None, told: str) -> Check:
    verdict: CheckVerdict = "pass" if held else "fail" if rule.gate else "advisory"
    code = Reason.OUTPUT_MISMATCH if verdict == "fail" else None
    return Check(_ID, verdict, rule.min, score, code, told, is_opinion=True)
