"""Replays that were to change something and changed no LLM call: they prove nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .amounts import counted
from .summary import Summary

Untried = Mapping[str, Any]
"""`asked`: what was to change; `models`: those that the run asks. Plain JSON."""


def untried_of(summary: Summary) -> Untried | None:
    """What a replay was asked to change in vain; None where something went live, or nothing ran."""
    counts = summary.counts
    if not summary.asked or counts.llm_live or not counts.llm_served:
        return None
    return {"asked": summary.asked, "models": list(summary.run.models_used)}


def told(untried: Iterable[Untried]) -> Iterator[str]:
    """`model gpt-4=gpt-5 changed no LLM call of 6 goldens, which ask gpt-5.2: nothing was tried`"""
    by_change: dict[str, list[Untried]] = {}
    for one in untried:
        by_change.setdefault(one["asked"], []).append(one)
    for asked, ones in by_change.items():
        yield (
            f"{asked} changed no LLM call of {counted(len(ones), 'golden')}{_asking(ones)}: "
            "nothing was tried there"
        )


def _asking(ones: Sequence[Untried]) -> str:
    models = sorted({model for one in ones for model in one["models"]})
    return f", which ask{'s' if len(ones) == 1 else ''} {', '.join(models)}" if models else ""
