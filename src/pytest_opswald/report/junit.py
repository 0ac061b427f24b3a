"""A summary as JUnit properties."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.engine.result import Counts, Finding
from pytest_opswald.trace.trace import Trace

from .summary import Row, Summary, words


def properties(summary: Summary) -> list[tuple[str, str]]:
    """Names and values for `item.user_properties`; what is unknown is left out."""
    return [(f"opswald.{name}", value) for name, value in _properties(summary) if value]


def _properties(summary: Summary) -> Iterator[tuple[str, str]]:
    tokens = summary.run.total_tokens
    yield "golden", summary.golden
    yield "profile", summary.profile
    yield "verdict", summary.verdict
    yield "reason_codes", ",".join(summary.reason_codes)
    yield "first_divergence", _first(summary.first)
    yield "tainted", "true" if summary.inexact else ""
    yield "tokens", str(tokens.input + tokens.output)
    yield "cost_usd", f"{summary.run.total_cost:.10f}".rstrip("0").rstrip(".")
    yield "duration_ms", _duration(summary.run)
    yield "llm_served", str(summary.counts.llm_served)
    yield "llm_live", str(summary.counts.llm_live)
    yield "source", _source(summary.counts)


def _first(first: Row | Finding | None) -> str:
    match first:
        case Row():
            reason = first.cause or first.code
            return f"{first.title}: {words(reason)}" if reason else first.title
        case Finding():
            at = f"step {first.step}: " if first.step is not None else ""
            return f"{at}{words(first.code)}"
    return ""


def _duration(run: Trace) -> str:
    """From the first timed step to the end of the last; empty when nothing was timed."""
    timed = [
        (step.timestamp.timestamp() * 1000, step.duration_ms or 0.0)
        for step in run.steps
        if step.timestamp
    ]
    if not timed:
        return ""
    return str(round(max(start + took for start, took in timed) - min(start for start, _ in timed)))


def _source(counts: Counts) -> str:
    """Where the LLM's answers came from: golden, live or both."""
    if counts.llm_live:
        return "mixed" if counts.llm_served else "live"
    return "golden"
