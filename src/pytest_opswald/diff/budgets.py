"""Whether a run stayed within its budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_opswald.trace.outcome import Budget, Budgets
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .difference import Check, CheckVerdict

Number = int | float


@dataclass(frozen=True, slots=True)
class Use:
    """What a run used."""

    amount: Number
    complete: bool = True
    """False when a part of it is unknown: then it was at least that much."""


def budget_checks(budgets: Budgets, golden: Trace, actual: Trace) -> Iterator[Check]:
    """One check per budget; one that cannot be measured says so."""
    recorded, used = _uses(golden), _uses(actual)
    for name, budget in budgets.rules():
        yield _check(name, budget, recorded[name], used[name])


def _uses(trace: Trace) -> Mapping[str, Use]:
    tokens = trace.total_tokens
    return {
        "cost_usd": Use(trace.total_cost, all(call.cost is not None for call in trace.llm_calls)),
        "tokens": Use(tokens.input + tokens.output, all(call.tokens for call in trace.llm_calls)),
        "steps": Use(len(trace.steps)),
        "llm_calls": Use(len(trace.llm_calls)),
        "latency_ms": _latency(trace),
    }


def _latency(trace: Trace) -> Use:
    timed = [
        (step.timestamp.timestamp() * 1000, step.duration_ms or 0.0)
        for step in trace.steps
        if step.timestamp
    ]
    if not timed:
        return Use(0, complete=False)
    took = max(start + lasted for start, lasted in timed) - min(start for start, _ in timed)
    return Use(round(took, 3))


def _check(name: str, budget: Budget, recorded: Use, used: Use) -> Check:
    limit, source = min(_limits(budget, recorded), default=(None, ""))
    if limit is not None and used.amount > limit:
        verdict: CheckVerdict = "fail" if budget.gate else "advisory"
        code = Reason.BUDGET_EXCEEDED
        return Check(f"budgets.{name}", verdict, limit, used.amount, code, source)
    if unknown := _unknown(name, budget, recorded, used):
        return Check(f"budgets.{name}", "unmeasured", limit, message=unknown)
    return Check(f"budgets.{name}", "pass", limit, used.amount, message=source)


def _limits(budget: Budget, recorded: Use) -> Iterator[tuple[Number, str]]:
    """Each ceiling, and where it comes from."""
    if budget.rel is not None and recorded.complete:
        yield (
            round(recorded.amount * budget.rel, 10),
            f"{budget.rel:g} x {recorded.amount:,} of the golden",
        )
    if budget.max is not None:
        yield budget.max, ""


def _unknown(name: str, budget: Budget, recorded: Use, used: Use) -> str:
    """What keeps a budget from being measured; empty when nothing does."""
    what = _UNKNOWN.get(name, "")
    if not used.complete:
        return f"{what} is unknown"
    if budget.rel is not None and not recorded.complete:
        return f"{what} in the golden is unknown"
    return ""


_UNKNOWN = {
    "cost_usd": "the price of some LLM calls",
    "tokens": "the token count of some LLM calls",
    "latency_ms": "the time",
}
