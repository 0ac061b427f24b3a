"""One golden to replay, and what its replays came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from pytest_opswald.playback import Played
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.summary import Row, Summary
from pytest_opswald.report.terminal import render as rendered
from pytest_opswald.report.trial import breaches, infra_errors
from pytest_opswald.report.trials import headline, render
from pytest_opswald.report.untried import Untried, untried_of
from pytest_opswald.stats.rules import Rule
from pytest_opswald.stats.trials import Ended, Tally, Trial
from pytest_opswald.trace.reasons import Reason

from .output import paper


@dataclass(frozen=True, slots=True)
class Done:
    """A golden that has been replayed; plain values, so that it can be kept as JSON."""

    golden: str
    failed: bool
    infra: bool
    """Failed for reasons outside the agent alone: rate limits, server errors."""
    fidelity: str
    coverage: str
    first_divergence: str
    usd: float
    tokens: int
    report: tuple[str, ...]
    untried: Untried | None = None
    """What was to change and did not."""
    unpriced: int = 0
    """LLM calls of unknown price, which `usd` is without."""
    breaches: tuple[str, ...] = ()
    """Checks that must hold in every trial and did not."""
    trials: str = ""
    """What several trials came to: `4 of 5 trials passed (rule: 4 of 5)`."""

    @classmethod
    def of(cls, path: Path, played: Played, paper: Paper) -> Done:
        """What a replay came to, its report as this paper takes it."""
        verdict = played.verdict
        summary = summarise(verdict.replay, verdict.difference, profile=verdict.profile)
        return cls(
            golden=str(path),
            failed=summary.verdict == "fail",
            infra=summary.verdict == "fail" and _is_infra(summary),
            fidelity=played.fidelity,
            coverage=played.coverage,
            first_divergence=_first_divergence(summary),
            usd=played.spent.usd,
            tokens=played.spent.tokens,
            untried=untried_of(summary),
            unpriced=played.spent.unpriced,
            report=tuple(rendered(summary, paper)),
            breaches=breaches(summary),
        )

    @property
    def trial(self) -> Trial:
        ended: Ended = "infra" if self.infra else "fail" if self.failed else "pass"
        return Trial(ended, self.first_divergence, self.breaches)


@dataclass(frozen=True, slots=True)
class Job:
    """One golden to replay."""

    path: Path
    key: str
    """What was replayed and how: equal keys make a finished replay worth keeping."""
    estimate_usd: float
    """What it costs if it takes as many tokens as when it was recorded."""
    play: Callable[[], Done]
    rule: Rule | None = None
    """How many trials it takes; one when left out."""

    def result(self, trials: Sequence[Done]) -> Done | None:
        """What the trials so far came to; None while another is needed."""
        if self.rule is None or not trials:
            return next(iter(trials), None)
        tally = Tally(self.rule, [one.trial for one in trials])
        return _tallied(tally, trials) if tally.verdict else None


def key_of(content: bytes, *how: str) -> str:
    return sha256(b"\0".join((content, *(word.encode() for word in how)))).hexdigest()[:32]


def _first_divergence(summary: Summary) -> str:
    first = summary.first
    if isinstance(first, Row):
        return first.title
    return first.message if first else ""


def _is_infra(summary: Summary) -> bool:
    """Whether providers or the network failed it, or a model that refuses a parameter."""
    return bool(infra_errors(summary)) or set(summary.reason_codes) == {Reason.INFRA}


def _tallied(tally: Tally, trials: Sequence[Done]) -> Done:
    """One of them for all: the first that ended as they did together."""
    failed = tally.verdict != "pass"
    shown = next((one for one in trials if one.failed is failed), trials[-1])
    told = render(tally, paper(), golden=Path(shown.golden).stem, asked="")
    return replace(
        shown,
        failed=failed,
        infra=tally.verdict == "inconclusive",
        usd=sum(one.usd for one in trials),
        tokens=sum(one.tokens for one in trials),
        unpriced=sum(one.unpriced for one in trials),
        report=(*told, *shown.report),
        breaches=tally.breaches,
        trials=headline(tally),
    )
