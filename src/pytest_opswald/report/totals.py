"""What a whole session came to, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from pytest_opswald.trace.trace import Trace

from .amounts import counted, dollars
from .summary import Summary


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a session; plain numbers, so that workers can send them and they can be added."""

    passed: int = 0
    failed: int = 0
    recorded: int = 0
    unchanged: int = 0
    """Recorded again, with the same bytes."""
    llm_served: int = 0
    llm_live: int = 0
    tokens_saved: int = 0
    usd_saved: float = 0.0
    tokens_spent: int = 0
    usd_spent: float = 0.0
    unpriced: int = 0
    """Live LLM calls of unknown price, which `usd_spent` is without."""

    @classmethod
    def of_replay(cls, summary: Summary) -> Totals:
        """One replayed golden."""
        counts = summary.counts
        spent = counts.spent(summary.run)
        return cls(
            passed=summary.verdict == "pass",
            failed=summary.verdict == "fail",
            llm_served=counts.llm_served,
            llm_live=counts.llm_live,
            tokens_saved=counts.tokens_saved.input + counts.tokens_saved.output,
            usd_saved=counts.usd_saved,
            tokens_spent=spent.tokens,
            usd_spent=spent.usd,
            unpriced=spent.unpriced,
        )

    @classmethod
    def of_recording(cls, trace: Trace, *, unchanged: bool) -> Totals:
        """One recorded golden."""
        return cls(
            recorded=not unchanged,
            unchanged=unchanged,
            llm_live=len(trace.llm_calls),
            tokens_spent=_tokens(trace),
            usd_spent=trace.total_cost,
            unpriced=trace.unpriced,
        )

    def __add__(self, other: Totals) -> Totals:
        mine, theirs = asdict(self), asdict(other)
        return Totals(**{name: mine[name] + theirs[name] for name in mine})


def session_line(totals: Totals) -> str:
    """`opswald: 12 goldens replayed (11 passed, 1 failed), 34 LLM calls served, 0 live, ...`.

    Empty when no golden was replayed or recorded.
    """
    told = ", ".join([*_recorded(totals), *_replayed(totals), *_spent(totals)])
    return f"opswald: {told}" if told else ""


def _recorded(totals: Totals) -> Iterator[str]:
    if totals.recorded:
        yield f"{counted(totals.recorded, 'golden')} recorded"
    if totals.unchanged:
        noun = f"{totals.unchanged}" if totals.recorded else counted(totals.unchanged, "golden")
        yield f"{noun} unchanged"


def _replayed(totals: Totals) -> Iterator[str]:
    replayed = totals.passed + totals.failed
    if not replayed:
        return
    verdicts = {"passed": totals.passed, "failed": totals.failed}
    told = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items() if number)
    yield f"{counted(replayed, 'golden')} replayed ({told})"
    yield f"{counted(totals.llm_served, 'LLM call')} served"
    yield f"{totals.llm_live} live"
    if totals.tokens_saved:
        yield f"{_bill(totals.tokens_saved, totals.usd_saved)} not spent"


def _spent(totals: Totals) -> Iterator[str]:
    if totals.tokens_spent:
        bill = f"{_bill(totals.tokens_spent, totals.usd_spent)} spent"
        unpriced = f" ({counted(totals.unpriced, 'call')} of unknown price)"
        yield f"{bill}{unpriced}" if totals.unpriced else bill


def _bill(tokens: int, usd: float) -> str:
    """`51,200 tokens and $0.41`; tokens alone when no price is known."""
    return f"{counted(tokens, 'token')} and {dollars(usd)}" if usd else counted(tokens, "token")


def _tokens(trace: Trace) -> int:
    return trace.total_tokens.input + trace.total_tokens.output
