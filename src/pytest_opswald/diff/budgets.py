"""Whether a run stayed within its budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_opswald.trace.outcome import Budget, Budgets
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.trace import Trace

from .difference import Check

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
    }


def _check(name: str, budget: Budget, recorded: Use, used: Use) -> Check:
    limit, source = min(_limits(budget, recorded), default=(None, ""))
    if limit is not None and used.amount > limit:
        code = Reason.BUDGET_EXCEEDED
        return Check(f"budgets.{name}", "fail", limit, used.amount, code, source)
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
    what = {"cost_usd": "price", "tokens": "token count"}.get(name, "")
    if not used.complete:
        return f"the {what} of some LLM calls is unknown"
    if budget.rel is not None and not recorded.complete:
        return f"the {what} of some LLM calls in the golden is unknown"
    return ""
